/*
 * Checks the arguments and the environment that test_process gave it.
 */
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	const char *value = getenv("CASTLE_TEST");

	return argc != 4 || strcmp(argv[1], "one") || strcmp(argv[2], "") ||
	       strcmp(argv[3], "three") || argv[4] || !value || strcmp(value, "yes");
}
