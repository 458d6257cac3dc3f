/*
 * mkdir: makes directories; -p: those on the way to them, too, and none that is there is an error.
 */
#include "common/tool.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		const int result = mkdir(path, 0777);
		*slash = '/';
		if (result != 0 && errno != EEXIST)
			return tool_error("mkdir", path);
	}
	return 0;
}

int main(int argc, char **argv)
{
	bool parents = false;
	int option, failed = 0;

	tool_help("mkdir", argc, argv);
	while ((option = getopt(argc, argv, "p")) != -1) {
		if (option != 'p')
			tool_usage("mkdir [-p] DIRECTORY...");
		parents = true;
	}
	if (optind == argc)
		tool_usage("mkdir [-p] DIRECTORY...");
	for (int i = optind; i < argc; i++) {
		if (parents && make_parents(argv[i]) != 0)
			failed = 1;
		else if (mkdir(argv[i], 0777) != 0 && !(parents && errno == EEXIST))
			failed = tool_error("mkdir", argv[i]);
	}
	return failed;
}
