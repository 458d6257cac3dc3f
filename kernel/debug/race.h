/*
 * Data races, in the kernel of RACES=1, after Linux's KCSAN: the compiler (-fsanitize=thread) calls
 * race_watch.c for each plain access to memory. Of those some are sampled: the processor looks
 * whether, while it waits for a moment, another one accesses the same memory, or its value changes.
 * If one of the two writes, nothing orders them: a race. Accesses by __atomic_ builtins and through
 * volatile say that they are not alone, and are left out.
 */
#ifndef KERNEL_DEBUG_RACE_H
#define KERNEL_DEBUG_RACE_H

#include <stdint.h>

#ifdef CASTLE_RACES
#include <stdbool.h>

/* One access: where it is made, and whether it writes. */
struct race_access {
	uint32_t where; /* instruction */
	bool writes;
};

/* What was seen of a sampled access. `other` is at 0 where nothing but the value told of it. */
struct race {
	struct race_access first, other;
	uint32_t address, size, cpu;
};

/* Samples one access in so many; 0: none. Set at boot, by the driver in race_report.c. */
extern uint32_t race_every;

/*
 * Keeps a race, unless one of the same two places is there. Any context; the
 * processor has taken the watch.
 */
void race_keep(const struct race *race);

/*
 * Shows the races that were found, and what the status of the machine is then. Any context; the
 * others have stopped.
 */
uint32_t races_show(uint32_t status);
#else
static inline uint32_t races_show(uint32_t status)
{
	return status;
}
#endif

#endif
