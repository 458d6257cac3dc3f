/*
 * What was handed in, by the processor that did: a batch that fills, and one that waits for those
 * who were looking when it was full.
 */
#include "kernel/smp/epoch.h"

#include <castle/info.h>
#include <stdbool.h>
#include "arch/ia32/cpu.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/page.h"
#include "kernel/mem/slab.h"
#include "kernel/smp/own_lock.h"

/* What a processor keeps ready of a cache (kernel/smp/magazines.c) shall take a batch. */
#define BATCH 16u

struct batch {
	uint32_t count;
	void *objects[BATCH];
};

struct retired {
	struct own_lock lock;
	struct batch batches[2];
	uint32_t filling;               /* the batch that fills; the other one waits */
	uint32_t seen[CASTLE_CPUS_MAX]; /* the turns of all when it was filled */
};

CPU_LOCAL uint32_t epoch_turns;

static CPU_LOCAL struct retired retired;

static uint32_t turns_of(uint32_t cpu)
{
	return __atomic_load_n(CPU_LOCAL_OF(cpu, epoch_turns), __ATOMIC_ACQUIRE);
}

/* After the objects were taken out: who begins to look from here on does not find them. */
static void look_round(struct retired *own)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		own->seen[cpu] = turns_of(cpu);
}

/* Nobody who looks waits for a lock, so this is short. */
static void wait_for_all(const struct retired *own)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		while (own->seen[cpu] % 2 && turns_of(cpu) == own->seen[cpu])
			cpu_pause();
}

/* What has waited may be freed now; what was being filled waits. Caller holds objects. */
static void batches_turn(struct retired *own, struct batch *over)
{
	struct batch *const waiting = &own->batches[own->filling ^ 1];

	wait_for_all(own);
	over->count = waiting->count;
	memcpy(over->objects, waiting->objects, waiting->count * sizeof *over->objects);
	waiting->count = 0;
	own->filling ^= 1;
	look_round(own);
}

/* A slab's header is at its start, so that a page's address is no object's. */
static void batch_free(const struct batch *batch)
{
	for (uint32_t i = 0; i < batch->count; i++) {
		void *object = batch->objects[i];
		if ((uintptr_t)object % PAGE_SIZE)
			slab_free(slab_cache_of(object), object);
		else
			page_free(object);
	}
}

static inline __attribute__((always_inline)) void batch_add(struct batch *batch, void *object)
{
	batch->objects[batch->count++] = object;
}

/* Caller holds objects, and has it no more. */
__attribute__((noinline)) static void retire_to_full(struct retired *own, void *object)
{
	struct batch over;

	batches_turn(own, &over);
	batch_add(&own->batches[own->filling], object);
	own_lock_give(&own->lock, LOCK_DOMAIN_objects);
	batch_free(&over);
}

void epoch_retire(void *object)
{
	struct batch *filling;

	own_lock_take(&retired.lock, LOCK_DOMAIN_objects);
	filling = &retired.batches[retired.filling];
	if (filling->count == BATCH) {
		retire_to_full(&retired, object);
		return;
	}
	batch_add(filling, object);
	own_lock_give(&retired.lock, LOCK_DOMAIN_objects);
}

static void settle_of(struct retired *own)
{
	struct batch over[2];

	own_lock_take(&own->lock, LOCK_DOMAIN_objects);
	batches_turn(own, &over[0]);
	batches_turn(own, &over[1]);
	own_lock_give(&own->lock, LOCK_DOMAIN_objects);
	batch_free(&over[0]);
	batch_free(&over[1]);
}

void epoch_settle(void)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		struct retired *of = CPU_LOCAL_OF(cpu, retired);
		if (of->batches[0].count + of->batches[1].count > 0)
			settle_of(of);
	}
}
