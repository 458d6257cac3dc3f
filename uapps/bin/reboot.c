/*
 * reboot: starts the machine anew.
 */
#include <castle/abi.h>
#include <castle/castle.h>
#include "common/tool.h"

int main(int argc, char **argv)
{
	tool_help("reboot", argc, argv);
	if (argc > 1)
		tool_usage("reboot");
	castle_poweroff(CASTLE_REBOOT);
	return tool_error("reboot", "the machine");
}
