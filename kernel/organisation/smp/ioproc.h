/*
 * I/O processors (Section 2.4.3; Piglet, Figure 2.1f): what their parts share.
 */
#ifndef KERNEL_ORGANISATION_SMP_IOPROC_H
#define KERNEL_ORGANISATION_SMP_IOPROC_H

#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/cpulocal.h"

struct thread;
struct placement_policy;

/* More would have nothing to do: one is the console's, another one the timer's. */
#define IOPROC_MAX 2

/* Processors that do nothing but devices, the first ones: 0 if there is one processor. */
extern uint32_t ioproc_count;

/* Any context. */
static inline bool ioproc_is_one(uint32_t cpu)
{
	return cpu < ioproc_count;
}

/* The fine kernel's policy, with rings for what I/O processors wake. At boot. */
const struct placement_policy *ioproc_placement(void);

/* Has processors look that idle while something waits in their rings. On an I/O processor. Caller
 * holds nothing. */
void ioproc_rings_remind(void);

/* What an I/O processor does for ever. Caller holds nothing. */
__attribute__((noreturn)) void ioproc_serve(void);

#endif
