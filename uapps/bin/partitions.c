/*
 * partitions: the parts that the machine is cut into where each has a kernel of its own, and what
 * they run.
 */
#include <castle/partition.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include "common/tool.h"

static const char *state_name(uint32_t state)
{
	switch (state) {
	case CASTLE_PARTITION_RUNNING:
		return "runs";
	case CASTLE_PARTITION_ENDED:
		return "ended";
	default:
		return "absent";
	}
}

static void show(const struct castle_partition_info *info)
{
	printf("%c%2u %4u %4u %08x %5uM %-7s %6u %7u  %s\n", info->here ? '*' : ' ',
	       (unsigned)info->partition, (unsigned)info->apic, (unsigned)info->cpus,
	       (unsigned)info->start, (unsigned)((info->end - info->start) >> 20),
	       state_name(info->state), (unsigned)info->starts, (unsigned)info->status,
	       info->run[0] ? info->run : "the shell");
	if (info->down_us)
		printf("    was back %u us after its last panic\n", (unsigned)info->down_us);
}

int main(int argc, char **argv)
{
	struct castle_partition_info info;
	const int fd = open(CASTLE_PARTITION_DEVICE, O_RDWR);

	tool_no_arguments("partitions", argc, argv);
	if (fd < 0)
		return tool_error("partitions", CASTLE_PARTITION_DEVICE);
	puts("  N APIC CPUS   MEMORY   SIZE STATE   STARTS  STATUS  RUNS");
	for (info.partition = 1; ioctl(fd, CASTLE_PARTITION_INFO, &info) == 0; info.partition++)
		show(&info);
	return 0;
}
