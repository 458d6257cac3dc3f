/*
 * What /dev/failnth and /dev/killnth have in common: a number in digits is written, and what has
 * been counted since is read.
 */
#ifndef KERNEL_DEBUG_NTH_H
#define KERNEL_DEBUG_NTH_H

#include <stdint.h>
#include "kernel/mem/user_copy.h"

/* Read by tests, too (tests/boot/programs/test_failnth.c and test_killnth.c). */
struct nth_state {
	uint32_t seen;    /* events of the kind since the number was written */
	uint32_t reached; /* 1: the n-th of them was */
};

/* The number in `size` digits; none is 0. 0, or -EINVAL for what is no digit. Any context. */
int nth_number(const char *digits, uint32_t size, uint32_t *number);

/*
 * What a read of the device does: the bytes read, or a negative errno value. Caller holds nothing.
 */
int nth_read(const struct nth_state *state, user_addr_t buffer, uint32_t size);

#endif
