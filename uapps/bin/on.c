/*
 * on: `on N PROGRAM ...` runs a program in partition N, with its output on that partition's
 * console, waits for its end, and has its status.
 */
#include <castle/partition.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "common/tool.h"

#define USAGE   "on N PROGRAM ARGUMENTS"
#define FAILED  126
#define LOOK_US 10000 /* between two looks for the result */

static int refuse(const char *number)
{
	const char *const reason = errno == ESRCH    ? "it does not run"
				   : errno == EBUSY  ? "it is running something for somebody else"
				   : errno == ENOSYS ? "it serves nobody, but runs its own programs"
				   : errno == EIO    ? "it has died over that"
				   : errno == EINVAL ? "there is no such partition"
						     : strerror(errno);

	fprintf(stderr, "on: partition %s: %s\n", number, reason);
	return FAILED;
}

/* The words with blanks in between; 0 if they are too long. */
static int join(char *text, size_t size, char **words)
{
	size_t used = 0;

	for (; *words; words++) {
		used += snprintf(text + used, size - used, "%s%s", used ? " " : "", *words);
		if (used >= size)
			return 0;
	}
	return 1;
}

/* Whether the partition serves as soon as it has booted: errno is as it was. */
static int will_serve(int fd, uint32_t partition)
{
	struct castle_partition_info info = { .partition = partition };
	const int error = errno, known = ioctl(fd, CASTLE_PARTITION_INFO, &info) == 0;

	errno = error;
	return known && strcmp(info.run, "serve") == 0;
}

int main(int argc, char **argv)
{
	static struct castle_partition_command command;
	const int fd = open(CASTLE_PARTITION_DEVICE, O_RDWR);
	char *end;

	tool_help("on", argc, argv);
	if (argc < 3)
		tool_usage(USAGE);
	command.partition = strtoul(argv[1], &end, 10);
	if (*end)
		tool_usage(USAGE);
	if (!join(command.text, sizeof command.text, argv + 2)) {
		fprintf(stderr, "on: a command may have %u characters\n",
			(unsigned)sizeof command.text - 1);
		return FAILED;
	}
	if (fd < 0)
		return tool_error("on", CASTLE_PARTITION_DEVICE);
	while (ioctl(fd, CASTLE_PARTITION_ASK, &command) != 0) {
		if (errno != ENOSYS || !will_serve(fd, command.partition))
			return refuse(argv[1]);
		usleep(LOOK_US);
	}
	while (ioctl(fd, CASTLE_PARTITION_RESULT, &command) != 0) {
		if (errno != EAGAIN)
			return refuse(argv[1]);
		usleep(LOOK_US);
	}
	return command.status;
}
