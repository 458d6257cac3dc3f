/*
 * rm: removes files; -r: directories with all that is in them; -f: says nothing of what is not
 * there.
 */
#include "common/tool.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool recursive, force;

static int remove_path(const char *path);

static int remove_entries(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	char name[1024];
	int failed = 0;

	if (!directory)
		return tool_error("rm", path);
	while ((entry = readdir(directory))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		failed |= remove_path(name);
	}
	closedir(directory);
	return failed;
}

static int remove_path(const char *path)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return force && errno == ENOENT ? 0 : tool_error("rm", path);
	if (recursive && S_ISDIR(status.st_mode)) {
		if (remove_entries(path) != 0)
			return 1;
		return rmdir(path) == 0 ? 0 : tool_error("rm", path);
	}
	return unlink(path) == 0 ? 0 : tool_error("rm", path);
}

int main(int argc, char **argv)
{
	int option, failed = 0;

	tool_help("rm", argc, argv);
	while ((option = getopt(argc, argv, "rf")) != -1) {
		if (option == 'r')
			recursive = true;
		else if (option == 'f')
			force = true;
		else
			tool_usage("rm [-rf] NAME...");
	}
	if (optind == argc && !force)
		tool_usage("rm [-rf] NAME...");
	for (int i = optind; i < argc; i++)
		failed |= remove_path(argv[i]);
	return failed;
}
