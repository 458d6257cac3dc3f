/*
 * What the event log's test looks for: marks with computing and a hundred system calls between
 * them.
 */
#include <castle/castle.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	volatile unsigned counter = 0;

	if (castle_mark("begin") != 0 || castle_mark("a text that is too long") != 0) {
		perror("castle_mark");
		return 1;
	}
	while (counter < 100000)
		counter++;
	for (int i = 0; i < 100; i++)
		getppid();
	return castle_mark("end") == 0 && castle_mark((const char *)16) == -1 ? 0 : 1;
}
