/*
 * Partitions (Sections 1.8 and 2.3.6): this kernel becomes the partition monitor
 * (kernel/partition), which never gets as far as a program, and starts the uniprocessor kernel once
 * for each processor.
 */
#include "kernel/organisation/organisation.h"
#include "kernel/partition/monitor.h"

static const struct organisation partitioned = {
	.name = "partitioned",
	.title = "partitions",
	.category = "virtualised",
	.summary = "the uniprocessor kernel once a processor, each in memory of its own; a monitor "
		   "starts them",
	.processors = ORGANISATION_EACH,
	.find = partition_find,
	.controller = partition_controller,
	.start = partition_start,
};

ORGANISATION(40, partitioned);
