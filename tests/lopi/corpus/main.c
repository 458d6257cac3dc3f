/* Runs every module; with a number, each so many times. */
#include "corpus.h"

#include <stdlib.h>

NOCLONE int opaque(int value)
{
	static volatile int zero;

	return value + zero;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 1;

	for (int round = 0; round < rounds; round++) {
		control_test();
		convention_test();
		jumps_test();
		threads_test();
		storage_test();
		exceptions_test();
#ifdef __i386__
		assembly_test();
#endif
	}
	return 0;
}
