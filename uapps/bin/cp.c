/*
 * cp: copies a file, or several files into a directory.
 */
#include "common/tool.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int copy_content(int from, int to, const char *from_name, const char *to_name)
{
	static char buffer[16384];
	int size;

	while ((size = read(from, buffer, sizeof buffer)) > 0)
		if (tool_write_all(to, buffer, size) != 0)
			return tool_error("cp", to_name);
	return size < 0 ? tool_error("cp", from_name) : 0;
}

static int copy(const char *from_name, const char *to_name)
{
	const int from = open(from_name, O_RDONLY);
	int to, result;

	if (from < 0)
		return tool_error("cp", from_name);
	to = open(to_name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (to < 0) {
		close(from);
		return tool_error("cp", to_name);
	}
	result = copy_content(from, to, from_name, to_name);
	close(from);
	close(to);
	return result;
}

static int copy_into(const char *from, const char *directory)
{
	const char *slash = strrchr(from, '/');
	char path[1024];

	snprintf(path, sizeof path, "%s/%s", directory, slash ? slash + 1 : from);
	return copy(from, path);
}

int main(int argc, char **argv)
{
	const char *target = argc > 1 ? argv[argc - 1] : "";
	struct stat status;
	int failed = 0;

	tool_help("cp", argc, argv);
	if (argc < 3)
		tool_usage("cp FILE NEW-FILE, or cp FILE... DIRECTORY");
	if (stat(target, &status) == 0 && S_ISDIR(status.st_mode)) {
		for (int i = 1; i < argc - 1; i++)
			failed |= copy_into(argv[i], target);
		return failed;
	}
	if (argc > 3)
		tool_usage("cp FILE NEW-FILE, or cp FILE... DIRECTORY");
	return copy(argv[1], target);
}
