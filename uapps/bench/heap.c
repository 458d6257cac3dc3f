/*
 * heap: threads that allocate and free memory all the time, as in a server: sizes and the order of
 * freeing are random, and some of the blocks are freed by another thread than the one that
 * allocated them (after P. Larson, M. Krishnan, Memory Allocation for Long-Running Server
 * Applications, ISMM 1998). However many threads there are, together they make the same number of
 * operations.
 *
 * Each block says how large it is at both of its ends, and is looked at before it is freed: blocks
 * that overlap, or one that is given out twice, end the program.
 */
#include "common/bench.h"
#include "common/parallel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS         3
#define OPERATIONS     200000
#define OPERATIONS_MAX 100000000
#define SLOTS          256 /* blocks that a thread has at most */
#define SHARED         64  /* and that are on their way from one thread to another */
#define HAND_OVER      8   /* one operation in so many puts a block there and takes another */
#define LARGE          64  /* one block in so many is up to sixteen times as large */
#define SIZE_MAX_SMALL 512
#define MARK           0x5ca1ab1eu

/* Blocks are two words at least: their size, and a mark at the end. */
struct allocator {
	uint32_t random;
	uint32_t allocated, freed;
	uint32_t *slots[SLOTS];
	uint64_t start, end;
} __attribute__((aligned(64)));

static struct allocator allocators[PARALLEL_THREADS_MAX];
static uint32_t *shared[SHARED];
static uint32_t operations = OPERATIONS;

static int set_operations(const char *value)
{
	return bench_read_number(value, 1, OPERATIONS_MAX, &operations);
}

static const struct bench_option options[] = {
	PARALLEL_OPTION,
	{ "-o", "OPERATIONS", "of all threads together, 200000 unless told", set_operations },
};

static const struct bench_program program = {
	.name = "heap",
	.description = "Threads that allocate and free blocks of random sizes: the time of all "
		       "operations.",
	.rounds = ROUNDS,
	.options = options,
	.option_count = sizeof options / sizeof *options,
};

static uint32_t random_below(struct allocator *self, uint32_t limit)
{
	self->random = self->random * 1664525 + 1013904223; /* Numerical Recipes' constants */
	return ((uint64_t)self->random * limit) >> 32;
}

static uint32_t *block_allocate(struct allocator *self)
{
	const uint32_t most = random_below(self, LARGE) == 0 ? 16 * SIZE_MAX_SMALL : SIZE_MAX_SMALL;
	const uint32_t words = 2 + random_below(self, most / sizeof(uint32_t) - 2);
	uint32_t *block = malloc(words * sizeof *block);

	bench_check(block != NULL, "malloc");
	block[0] = words;
	block[words - 1] = words ^ MARK;
	self->allocated++;
	return block;
}

static void block_free(struct allocator *self, uint32_t *block)
{
	const uint32_t words = block[0];

	bench_check(words <= 16 * SIZE_MAX_SMALL && block[words - 1] == (words ^ MARK),
		    "what a block holds");
	block[words - 1] = 0;
	free(block);
	self->freed++;
}

/* Puts a block, or none, where other threads take it, and takes what is there. */
static void hand_over(struct allocator *self, uint32_t **slot)
{
	uint32_t **const place = &shared[random_below(self, SHARED)];

	*slot = __atomic_exchange_n(place, *slot, __ATOMIC_ACQ_REL);
}

static void operate(struct allocator *self)
{
	uint32_t **const slot = &self->slots[random_below(self, SLOTS)];

	if (random_below(self, HAND_OVER) == 0)
		hand_over(self, slot);
	if (*slot) {
		block_free(self, *slot);
		*slot = NULL;
	} else {
		*slot = block_allocate(self);
	}
}

static void initialise(uint32_t thread)
{
	allocators[thread] = (struct allocator){ .random = thread + 1 };
}

static void work(uint32_t thread)
{
	struct allocator *const self = &allocators[thread];
	const uint32_t count =
		parallel_first(operations, thread + 1) - parallel_first(operations, thread);

	self->start = bench_cycles();
	for (uint32_t i = 0; i < count; i++)
		operate(self);
	self->end = bench_cycles();
}

static void free_all(struct allocator *self, uint32_t **slots, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (slots[i])
			block_free(self, slots[i]);
		slots[i] = NULL;
	}
}

/* Frees what is left; as many blocks must have been freed as were allocated. */
static void check(void)
{
	uint32_t allocated = 0, freed = 0;

	free_all(&allocators[0], shared, SHARED);
	for (uint32_t i = 0; i < parallel_threads; i++) {
		free_all(&allocators[i], allocators[i].slots, SLOTS);
		allocated += allocators[i].allocated;
		freed += allocators[i].freed;
	}
	errno = 0;
	bench_check(allocated == freed && allocated > 0, "the number of blocks");
}

static uint64_t measure(void)
{
	static const struct parallel_program parallel = { .initialise = initialise, .work = work };
	uint64_t start = UINT64_MAX, end = 0;

	parallel_run(&parallel);
	for (uint32_t i = 0; i < parallel_threads; i++) {
		start = allocators[i].start < start ? allocators[i].start : start;
		end = allocators[i].end > end ? allocators[i].end : end;
	}
	check();
	return end - start;
}

int main(int argc, char **argv)
{
	static uint64_t cycles[BENCH_ROUNDS_MAX];

	parallel_start(argc, argv, &program);
	bench_parameters("\"threads\":%lu,\"operations\":%lu", (unsigned long)parallel_threads,
			 (unsigned long)operations);
	for (uint32_t i = 0; i < bench_rounds(); i++)
		cycles[i] = measure();
	bench_table_head();
	bench_report_rounds("cycles", cycles, operations);
	return 0;
}
