/*
 * env: runs a program with changes to the environment, or shows the environment.
 */
#include "common/tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_CANNOT_RUN 126
#define STATUS_NOT_FOUND  127

extern char **environ;

static void show(void)
{
	for (char **variable = environ; *variable; variable++)
		puts(*variable);
}

int main(int argc, char **argv)
{
	int first = 1;

	for (; first < argc && strchr(argv[first], '='); first++)
		if (putenv(argv[first]) != 0)
			return tool_error("env", argv[first]);
	if (first < argc && argv[first][0] == '-')
		tool_usage("env [NAME=VALUE ...] [PROGRAM [ARGUMENT ...]]");
	if (first == argc) {
		show();
		return 0;
	}
	execvp(argv[first], argv + first);
	tool_error("env", argv[first]);
	return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
}
