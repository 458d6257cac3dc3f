/*
 * head: the first lines of files; -n N, or -N: how many, 10 unless told.
 */
#include "common/tool.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int lines = 10;

static int head(int fd, const char *name)
{
	static char buffer[4096];
	int left = lines, size = 0;

	while (left > 0 && (size = read(fd, buffer, sizeof buffer)) > 0) {
		int length = 0;
		while (length < size && left > 0)
			left -= buffer[length++] == '\n';
		if (tool_write_all(1, buffer, length) != 0)
			return tool_error("head", "standard output");
	}
	return size < 0 ? tool_error("head", name) : 0;
}

int main(int argc, char **argv)
{
	int option;

	tool_help("head", argc, argv);
	if (argc > 1 && argv[1][0] == '-' && isdigit((unsigned char)argv[1][1])) {
		lines = atoi(argv[1] + 1);
		argc--;
		argv++;
	}
	while ((option = getopt(argc, argv, "n:")) != -1) {
		if (option != 'n' || atoi(optarg) < 0)
			tool_usage("head [-n LINES] [FILE...]");
		lines = atoi(optarg);
	}
	return tool_for_each_file("head", argv + optind, head);
}
