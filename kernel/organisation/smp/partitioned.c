/*
 * Partitions (Sections 1.8 and 2.3.6): this kernel becomes the partition monitor
 * (kernel/partition), which never gets as far as a program, and starts the uniprocessor kernel once
 * for each processor; or the giant-lock kernel, once for so many as partition.cpus= says.
 */
#include <castle/info.h>
#include "kernel/dev/driver.h"
#include "kernel/lock/domain.h"
#include "kernel/organisation/organisation.h"
#include "kernel/partition/monitor.h"

static uint32_t cpus_each SET_AT_BOOT = 1;

static bool set_cpus(const char *value)
{
	cpus_each = 0;
	for (; *value >= '0' && *value <= '9' && cpus_each <= CASTLE_CPUS_MAX; value++)
		cpus_each = cpus_each * 10 + (*value - '0');
	return *value == '\0' && cpus_each >= 1 && cpus_each <= CASTLE_CPUS_MAX;
}

static const struct driver_option options[] = {
	{ "cpus", "1 to 32", set_cpus },
};

/* For its key on the command line alone. */
static const struct driver partition_options = {
	.name = "partition",
	.options = options,
	.option_count = sizeof options / sizeof *options,
};

DRIVER(partition_options);

static void partitioned_find(void)
{
	partition_find(cpus_each);
}

static const struct organisation partitioned = {
	.name = "partitioned",
	.title = "partitions",
	.category = "virtualised",
	.summary = "the uniprocessor kernel once a processor, each in memory of its own; a monitor "
		   "starts them",
	.processors = ORGANISATION_EACH,
	.find = partitioned_find,
	.controller = partition_controller,
	.start = partition_start,
};

ORGANISATION(40, partitioned);
