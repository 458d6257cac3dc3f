/*
 * What must be as before when something has failed or was killed: objects of the kernel's,
 * processes, descriptors.
 */
#ifndef TESTS_BOOT_COMMON_COUNTS_H
#define TESTS_BOOT_COMMON_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#define COUNTS_CACHES_MAX 32

struct count {
	uint32_t in_use[COUNTS_CACHES_MAX];
	int descriptors, processes;
};

/* All but the allocators' own slabs: pages are looked at by ok_memory_is(). */
void count_all(struct count *count);

/* Whether all is as before, after trying a while for what ends asynchronously; the last count is in
 * `after`. */
bool counts_come_back(const struct count *before, struct count *after);

/* What differs, as TAP comments. */
void show_difference(const struct count *before, const struct count *after);

#endif
