/*
 * Objects of the kernel's, processes and descriptors, counted.
 */
#include "counts.h"

#include <castle/castle.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WAIT_TRIES 50

static struct castle_cache_info caches[COUNTS_CACHES_MAX];
static struct castle_process_info processes[64];

void count_all(struct count *count)
{
	const uint32_t size = castle_info(CASTLE_INFO_CACHES, caches, sizeof caches);

	for (uint32_t i = 0; i < size / sizeof *caches && i < COUNTS_CACHES_MAX; i++)
		count->in_use[i] = caches[i].in_use;
	count->processes = castle_info(CASTLE_INFO_PROCESSES, processes, sizeof processes);
	count->descriptors = 0;
	for (int fd = 0; fd < CASTLE_OPEN_MAX; fd++)
		count->descriptors += castle_call3(CASTLE_CALL_fcntl, fd, CASTLE_F_GETFD, 0) >= 0;
}

bool counts_come_back(const struct count *before, struct count *after)
{
	for (int i = 0; i < WAIT_TRIES; i++) {
		count_all(after);
		if (memcmp(before, after, sizeof *before) == 0)
			return true;
		usleep(10000);
	}
	return false;
}

void show_difference(const struct count *before, const struct count *after)
{
	for (int i = 0; i < COUNTS_CACHES_MAX; i++)
		if (before->in_use[i] != after->in_use[i])
			printf("# %s: %u objects, then %u\n", caches[i].name,
			       (unsigned)before->in_use[i], (unsigned)after->in_use[i]);
	if (before->descriptors != after->descriptors)
		printf("# %d descriptors, then %d\n", before->descriptors, after->descriptors);
}
