/*
 * man: what a program does. `help` lists them.
 */
#include <stdio.h>
#include "common/tool.h"

int main(int argc, char **argv)
{
	int failed = 0;

	if (argc < 2)
		tool_usage("man PROGRAM...    (help lists them)");
	for (int i = 1; i < argc; i++) {
		if (tool_show_manual(argv[i]) == 0)
			continue;
		fprintf(stderr, "man: nothing is said about %s; help lists the programs\n",
			argv[i]);
		failed = 1;
	}
	return failed;
}
