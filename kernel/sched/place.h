/*
 * What of a thread concerns its place: the policy's own (kernel/sched/placement.h).
 */
#ifndef KERNEL_SCHED_PLACE_H
#define KERNEL_SCHED_PLACE_H

#ifdef CASTLE_SMP
#include "kernel/smp/place.h"
#else
struct place {
};
#endif

#endif
