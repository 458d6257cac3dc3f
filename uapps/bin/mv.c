/*
 * mv: renames a file or directory, or moves several into a directory.
 */
#include "common/tool.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int move_into(const char *from, const char *directory)
{
	const char *slash = strrchr(from, '/');
	char path[1024];

	snprintf(path, sizeof path, "%s/%s", directory, slash ? slash + 1 : from);
	return rename(from, path) == 0 ? 0 : tool_error("mv", from);
}

int main(int argc, char **argv)
{
	const char *target = argc > 1 ? argv[argc - 1] : "";
	struct stat status;
	int failed = 0;

	tool_help("mv", argc, argv);
	if (argc < 3)
		tool_usage("mv NAME NEW-NAME, or mv NAME... DIRECTORY");
	if (stat(target, &status) == 0 && S_ISDIR(status.st_mode)) {
		for (int i = 1; i < argc - 1; i++)
			failed |= move_into(argv[i], target);
		return failed;
	}
	if (argc > 3)
		tool_usage("mv NAME NEW-NAME, or mv NAME... DIRECTORY");
	return rename(argv[1], target) == 0 ? 0 : tool_error("mv", argv[1]);
}
