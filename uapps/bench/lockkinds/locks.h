/*
 * The lock algorithms that lockkinds compares, each as small as it can be. All wait by spinning.
 *
 * tas: test-and-set, every turn of the wait writes. ttas: test and test-and-set, waits by reading.
 * ticket: who comes draws a number, and waits until it is served. mcs: a queue in which each waits
 * on a word of its own (J. M. Mellor-Crummey, M. L. Scott: Algorithms for Scalable Synchronization
 * on Shared-Memory Multiprocessors, 1991). clh: a queue in which each waits on the word of the one
 * before (T. Craig 1993; P. Magnusson, A. Landin, E. Hagersten 1994).
 */
#ifndef UAPPS_BENCH_LOCKKINDS_LOCKS_H
#define UAPPS_BENCH_LOCKKINDS_LOCKS_H

#include <stddef.h>
#include <stdint.h>

#define CACHE_LINE 64

struct clh_node {
	uint32_t held;
} __attribute__((aligned(CACHE_LINE)));

/* What each thread brings along, on cache lines of its own. */
struct contender {
	struct contender *next;    /* mcs: who comes after this one */
	uint32_t waiting;          /* mcs */
	struct clh_node *node;     /* clh: this thread's, for now */
	struct clh_node *previous; /* clh: of the one before */
	uint32_t cpu;
	uint32_t acquisitions;
	uint64_t longest; /* wait, in cycles */
} __attribute__((aligned(CACHE_LINE)));

/* All the locks; one is used at a time. */
struct locks {
	uint32_t word __attribute__((aligned(CACHE_LINE)));
	uint32_t next_ticket __attribute__((aligned(CACHE_LINE)));
	uint32_t serving; /* on the same line: one transfer brings both */
	struct contender *mcs_tail __attribute__((aligned(CACHE_LINE)));
	struct clh_node *clh_tail __attribute__((aligned(CACHE_LINE)));
};

extern struct locks locks;

static inline void lock_pause(void)
{
	__asm__ volatile("pause" ::: "memory");
}

static inline void tas_acquire(struct contender *self)
{
	(void)self;
	while (__atomic_exchange_n(&locks.word, 1, __ATOMIC_ACQUIRE))
		lock_pause();
}

static inline void ttas_acquire(struct contender *self)
{
	(void)self;
	while (__atomic_exchange_n(&locks.word, 1, __ATOMIC_ACQUIRE))
		while (__atomic_load_n(&locks.word, __ATOMIC_RELAXED))
			lock_pause();
}

static inline void tas_release(struct contender *self)
{
	(void)self;
	__atomic_store_n(&locks.word, 0, __ATOMIC_RELEASE);
}

static inline void ticket_acquire(struct contender *self)
{
	const uint32_t mine = __atomic_fetch_add(&locks.next_ticket, 1, __ATOMIC_RELAXED);

	(void)self;
	while (__atomic_load_n(&locks.serving, __ATOMIC_ACQUIRE) != mine)
		lock_pause();
}

/* Only the holder writes `serving`. */
static inline void ticket_release(struct contender *self)
{
	(void)self;
	__atomic_store_n(&locks.serving, locks.serving + 1, __ATOMIC_RELEASE);
}

static inline void mcs_acquire(struct contender *self)
{
	struct contender *previous;

	self->next = NULL;
	self->waiting = 1;
	previous = __atomic_exchange_n(&locks.mcs_tail, self, __ATOMIC_ACQ_REL);
	if (!previous)
		return;
	__atomic_store_n(&previous->next, self, __ATOMIC_RELEASE);
	while (__atomic_load_n(&self->waiting, __ATOMIC_ACQUIRE))
		lock_pause();
}

static inline void mcs_release(struct contender *self)
{
	struct contender *last = self, *next = __atomic_load_n(&self->next, __ATOMIC_ACQUIRE);

	if (!next && __atomic_compare_exchange_n(&locks.mcs_tail, &last, NULL, 0, __ATOMIC_RELEASE,
						 __ATOMIC_RELAXED))
		return;
	/* Somebody is the tail, but has not yet written down who. */
	while (!(next = __atomic_load_n(&self->next, __ATOMIC_ACQUIRE)))
		lock_pause();
	__atomic_store_n(&next->waiting, 0, __ATOMIC_RELEASE);
}

static inline void clh_acquire(struct contender *self)
{
	self->node->held = 1;
	self->previous = __atomic_exchange_n(&locks.clh_tail, self->node, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&self->previous->held, __ATOMIC_ACQUIRE))
		lock_pause();
}

/* The next one may still look at this thread's node, so it takes over the one before. */
static inline void clh_release(struct contender *self)
{
	struct clh_node *const mine = self->node;

	self->node = self->previous;
	__atomic_store_n(&mine->held, 0, __ATOMIC_RELEASE);
}

#endif
