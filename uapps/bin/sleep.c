/*
 * sleep: waits so many seconds, which may have a decimal fraction.
 */
#include "common/tool.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv)
{
	struct timespec time = { 0, 0 };
	long unit = 100000000;
	char *end;

	tool_help("sleep", argc, argv);
	if (argc != 2 || !isdigit((unsigned char)argv[1][0]))
		tool_usage("sleep SECONDS");
	time.tv_sec = strtol(argv[1], &end, 10);
	if (*end == '.')
		for (end++; isdigit((unsigned char)*end); end++, unit /= 10)
			time.tv_nsec += (*end - '0') * unit;
	if (*end)
		tool_usage("sleep SECONDS");
	while (nanosleep(&time, &time) != 0)
		if (errno != EINTR)
			return tool_error("sleep", argv[1]);
	return 0;
}
