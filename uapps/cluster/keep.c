/*
 * keep: keep [-u] PROGRAM: makes it a static process: it is started, and again whenever it ends
 * with an error; -u: unique in the cluster, on the node that the relay says.
 */
#include <castle/cluster.h>
#include <err.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	const int is_unique = argc == 3 && strcmp(argv[1], "-u") == 0;

	if (argc != 2 + is_unique)
		errx(2, "usage: keep [-u] PROGRAM");
	if ((is_unique ? castle_keep_unique : castle_keep)(argv[argc - 1]) != 0)
		err(1, "%s", argv[argc - 1]);
	return 0;
}
