/*
 * poweroff: switches the machine off, with a status for whoever runs it (docs/machines.md).
 */
#include <castle/castle.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/tool.h"

#define STATUS_MAX 127 /* what QEMU can hand through */

int main(int argc, char **argv)
{
	const char *text = argc > 1 ? argv[1] : "0";
	char *end;
	const long status = strtol(text, &end, 10);

	tool_help("poweroff", argc, argv);
	if (argc > 2 || *end || end == text || status < 0 || status > STATUS_MAX)
		tool_usage("poweroff [STATUS]    STATUS: 0 (unless given) to 127");
	castle_poweroff(status);
	return tool_error("poweroff", "the machine");
}
