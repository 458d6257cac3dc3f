/*
 * pwd: prints the working directory.
 */
#include "common/tool.h"

#include <stdio.h>
#include <unistd.h>

int main(void)
{
	char path[1024];

	if (!getcwd(path, sizeof path))
		return tool_error("pwd", "working directory");
	puts(path);
	return 0;
}
