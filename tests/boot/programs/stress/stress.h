/*
 * The parts of stress.
 */
#ifndef TESTS_BOOT_STRESS_H
#define TESTS_BOOT_STRESS_H

#include <stdbool.h>
#include <stdint.h>

/* The calling process's pseudo-random numbers, from 0 to below `limit`. */
void random_seed(uint32_t seed);
uint32_t random_below(uint32_t limit);

/* Something to do that leaves nothing behind; false: it did not go as it must. */
struct action {
	const char *name;
	uint32_t weight;
	bool (*act)(void);
};

extern const struct action actions[];
extern const uint32_t action_count;

#endif
