/*
 * A processor that has gone idle just now does not count as such: its threads are likely to be
 * woken before a new one were there. Else, where each of several processes makes a thread and waits
 * for it, each thread goes to a processor whose own is about to come back, and all move round for
 * ever.
 */
#include "kernel/smp/own_place.h"

#include "arch/ia32/cpu.h"

/* Cycles for which a processor idles before it counts as such: more than it costs a thread to go
 * there, less than anybody notices. */
#define IDLE_FOR_LONG 10000u

struct own_place own_places[CASTLE_CPUS_MAX] UNGUARDED("counted, and read at a glance");

/* At this moment; it may be another number before it is used. */
static inline int32_t bound_to(uint32_t cpu)
{
	return __atomic_load_n(&own_places[cpu].bound, __ATOMIC_RELAXED);
}

/* Of these processors, a bit each, the one with the fewest threads; this one before others. */
static uint32_t fewest_threads(uint32_t cpus)
{
	uint32_t best = cpus & 1u << cpu_number ? cpu_number : (uint32_t)__builtin_ctz(cpus);

	for (; cpus; cpus &= cpus - 1) {
		const uint32_t cpu = __builtin_ctz(cpus);
		if (bound_to(cpu) < bound_to(best))
			best = cpu;
	}
	return best;
}

/* Of idle processors, those that have been so for long. */
static uint32_t long_idle(uint32_t idle)
{
	const uint32_t now = cpu_cycles();
	uint32_t found = 0;

	for (uint32_t left = idle; left; left &= left - 1)
		if (now - glance(&own_places[__builtin_ctz(left)].idle_since) > IDLE_FOR_LONG)
			found |= left & -left;
	return found;
}

uint32_t own_place_find(bool others_wait)
{
	const uint32_t idle = glance(&placement_idle_cpus);
	const uint32_t free = idle ? long_idle(idle) : 0;

	if (free)
		return fewest_threads(free);
	/* It would run as soon as the current one waits. */
	if (placement_thread_cpus & 1u << cpu_number && !others_wait)
		return cpu_number;
	return fewest_threads(idle ? idle : placement_thread_cpus);
}

int32_t own_place_home(const struct thread *thread)
{
	return has_own_place(thread) ? (int32_t)thread->place.cpu : -1;
}

void own_place_idle(void)
{
	own_places[cpu_number].idle_since = cpu_cycles();
	bits_set(&placement_idle_cpus, 1u << cpu_number);
}
