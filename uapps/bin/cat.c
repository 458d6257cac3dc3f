/*
 * cat: copies files to the standard output.
 */
#include "common/tool.h"

#include <unistd.h>

static int cat(int fd, const char *name)
{
	static char buffer[16384];
	int size;

	while ((size = read(fd, buffer, sizeof buffer)) > 0)
		if (tool_write_all(1, buffer, size) != 0)
			return tool_error("cat", "standard output");
	return size < 0 ? tool_error("cat", name) : 0;
}

int main(int argc, char **argv)
{
	tool_help("cat", argc, argv);
	(void)argc;
	return tool_for_each_file("cat", argv + 1, cat);
}
