/*
 * The shared part of the small tools.
 */
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int tool_error(const char *tool, const char *name)
{
	fprintf(stderr, "%s: %s: %s\n", tool, name, strerror(errno));
	return 1;
}

void tool_usage(const char *text)
{
	fprintf(stderr, "usage: %s\n", text);
	exit(2);
}

int tool_show_manual(const char *tool)
{
	char path[64], text[512];
	size_t size;
	FILE *manual;

	snprintf(path, sizeof path, "/share/man/%s", tool);
	manual = fopen(path, "r");
	if (!manual)
		return 1;
	while ((size = fread(text, 1, sizeof text, manual)) > 0)
		fwrite(text, 1, size, stdout);
	fclose(manual);
	return 0;
}

void tool_help(const char *tool, int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		exit(tool_show_manual(tool));
}

void tool_no_arguments(const char *tool, int argc, char **argv)
{
	tool_help(tool, argc, argv);
	if (argc > 1)
		tool_usage(tool);
}

static int for_one_file(const char *tool, const char *name, int (*operation)(int, const char *))
{
	int fd, result;

	if (strcmp(name, "-") == 0)
		return operation(0, "standard input");
	fd = open(name, O_RDONLY);
	if (fd < 0)
		return tool_error(tool, name);
	result = operation(fd, name);
	close(fd);
	return result;
}

int tool_for_each_file(const char *tool, char **names, int (*operation)(int, const char *))
{
	int failed = 0;

	if (!*names)
		return operation(0, "standard input");
	for (; *names; names++)
		failed |= for_one_file(tool, *names, operation);
	return failed;
}

int tool_write_all(int fd, const char *bytes, unsigned size)
{
	while (size > 0) {
		const int written = write(fd, bytes, size);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		bytes += written;
		size -= written;
	}
	return 0;
}
