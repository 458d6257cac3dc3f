/*
 * cmp: compares two files. Status 0 when they are equal, 1 when not, 2 on trouble.
 */
#include "common/tool.h"

#include <stdio.h>

static FILE *open_file(const char *name)
{
	FILE *file = fopen(name, "r");

	if (!file)
		tool_error("cmp", name);
	return file;
}

int main(int argc, char **argv)
{
	FILE *a, *b;
	unsigned long byte = 1, line = 1;
	int x, y;

	tool_help("cmp", argc, argv);
	if (argc != 3)
		tool_usage("cmp FILE FILE");
	a = open_file(argv[1]);
	b = open_file(argv[2]);
	if (!a || !b)
		return 2;
	while ((x = getc(a)) == (y = getc(b))) {
		if (x == EOF)
			return 0;
		byte++;
		line += x == '\n';
	}
	if (x == EOF || y == EOF)
		printf("cmp: EOF on %s after byte %lu\n", argv[x == EOF ? 1 : 2], byte - 1);
	else
		printf("%s %s differ: byte %lu, line %lu\n", argv[1], argv[2], byte, line);
	return 1;
}
