/*
 * pwd: prints the working directory.
 */
#include "common/tool.h"

#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char path[1024];

	tool_no_arguments("pwd", argc, argv);
	if (!getcwd(path, sizeof path))
		return tool_error("pwd", "working directory");
	puts(path);
	return 0;
}
