/*
 * touch: makes files, or gives those that are there the present time.
 */
#include "common/tool.h"

#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

static int touch(const char *name)
{
	const int fd = open(name, O_WRONLY | O_CREAT, 0666);

	if (fd < 0)
		return tool_error("touch", name);
	close(fd);
	return utimes(name, NULL) == 0 ? 0 : tool_error("touch", name);
}

int main(int argc, char **argv)
{
	int failed = 0;

	tool_help("touch", argc, argv);
	if (argc < 2)
		tool_usage("touch FILE...");
	for (int i = 1; i < argc; i++)
		failed |= touch(argv[i]);
	return failed;
}
