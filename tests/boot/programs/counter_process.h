/*
 * What test_callbacks and its callback process say to each other.
 */
#ifndef TESTS_BOOT_COUNTER_PROCESS_H
#define TESTS_BOOT_COUNTER_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#define COUNTER_NAME     "counter_process"
#define COUNTER_LATER_MS 200

enum { COUNTER_ADD = 1, COUNTER_GET, COUNTER_LATER, COUNTER_WATCH, COUNTER_CRASH, COUNTER_ANSWER };

struct counter {
	uint32_t count;
	uint32_t upgrades; /* of the process that counts */
	uint32_t overlaps; /* callbacks that began in the middle of another one */
	int32_t gone;      /* the process that it was last told of */
};

#endif
