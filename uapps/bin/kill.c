/*
 * kill: sends a signal, SIGTERM unless a number is given, to processes.
 */
#include "common/tool.h"

#include <signal.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	int signal = SIGTERM, first = 1, failed = 0;

	tool_help("kill", argc, argv);
	if (argc > 1 && argv[1][0] == '-') {
		signal = atoi(argv[1] + 1);
		first = 2;
	}
	if (first >= argc)
		tool_usage("kill [-SIGNAL-NUMBER] PID...");
	for (int i = first; i < argc; i++)
		if (kill(atoi(argv[i]), signal) != 0)
			failed = tool_error("kill", argv[i]);
	return failed;
}
