/*
 * LOPI, low-perturbation instrumentation (Chapter 5 of the thesis): rewrites object files between
 * compiler and linker, as in Figure 5.1, and shows what the programs then collect. Here it is found
 * out which of the tool's commands is meant.
 */
#include "driver.h"
#include "instrument_files.h"
#include "memory.h"
#include "record.h"
#include "report.h"

#include <string.h>

static const struct {
	const char *name;
	int (*run)(int count, char **arguments);
} commands[] = {
	{ "report", report },
	{ "record", record_command },
	{ "cc", driver },
	{ "c++", driver },
};

int main(int count, char **arguments)
{
	struct options options;

	if (driver_is_called(arguments[0]))
		return driver_called(count, arguments);
	for (size_t index = 0; count > 1 && index < sizeof(commands) / sizeof(commands[0]);
	     index++) {
		if (strcmp(arguments[1], commands[index].name) == 0)
			return commands[index].run(count - 1, arguments + 1);
	}
	options_read(&options, count, arguments);
	instrument_files(&options);
	return STATUS_DONE;
}
