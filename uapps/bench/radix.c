/*
 * radix: the integer radix sort of SPLASH-2. For each digit, from the lowest: every thread counts
 * the digits of its keys; the counts are added up a tree of the threads, and the sums handed down
 * again, so that each learns how many keys of each digit there are in all and how many of them
 * precede its own; all meet; every thread moves its keys to their places in the other array; all
 * meet again.
 *
 * In the tree, a thread's children are those 1, 2, 4, ... above it, as far as its own number is a
 * multiple of twice that; so it is a tree of pairs of pairs for any number of threads.
 */
#include "common/parallel.h"

#include <stdio.h>
#include <string.h>

#define CHILDREN_MAX 6 /* of 64 threads */

struct node {
	uint32_t children;
	uint32_t *sums[CHILDREN_MAX + 1]; /* by digit: of the thread and its first i children */
	uint32_t *before;                 /* by digit: of all threads before this one */
	uint32_t *places;                 /* by digit: where its next key goes */
	sem_t added_up;                   /* sums[children] is there */
	sem_t handed_down;                /* `before` is there */
};

static uint32_t key_count = 65536, radix = 1024, key_end = 524288;
static uint32_t digit_bits;
static uint32_t *keys[2]; /* the digits' passes go from one to the other and back */
static struct node nodes[PARALLEL_THREADS_MAX];

static uint32_t key_of(uint32_t index)
{
	return (uint64_t)parallel_random(index) * key_end >> 32;
}

static uint32_t passes(void)
{
	uint32_t count = 1;

	while ((uint64_t)1 << count * digit_bits < key_end)
		count++;
	return count;
}

static void initialise(uint32_t thread)
{
	const uint32_t end = parallel_first(key_count, thread + 1);
	struct node *node = &nodes[thread];

	for (uint32_t i = parallel_first(key_count, thread); i < end; i++) {
		keys[0][i] = key_of(i);
		keys[1][i] = 0;
	}
	for (uint32_t i = 0; i <= node->children; i++)
		memset(node->sums[i], 0, radix * sizeof **node->sums);
	memset(node->before, 0, radix * sizeof *node->before);
	memset(node->places, 0, radix * sizeof *node->places);
}

static void count_digits(uint32_t thread, const uint32_t *from, uint32_t shift)
{
	const uint32_t end = parallel_first(key_count, thread + 1), mask = radix - 1;
	uint32_t *counts = nodes[thread].sums[0];

	memset(counts, 0, radix * sizeof *counts);
	for (uint32_t i = parallel_first(key_count, thread); i < end; i++)
		counts[from[i] >> shift & mask]++;
}

static void add(uint32_t *restrict sum, const uint32_t *one, const uint32_t *other)
{
	const uint32_t digits = radix;

#pragma GCC unroll 4
	for (uint32_t digit = 0; digit < digits; digit++)
		sum[digit] = one[digit] + other[digit];
}

static void add_up(uint32_t thread)
{
	struct node *node = &nodes[thread];

	for (uint32_t i = 0; i < node->children; i++) {
		struct node *child = &nodes[thread + (1u << i)];
		parallel_await(thread, &child->added_up);
		add(node->sums[i + 1], node->sums[i], child->sums[child->children]);
	}
	if (thread > 0)
		sem_post(&node->added_up);
}

/* Before a child are the threads before its parent, the parent, and the parent's earlier children.
 */
static void hand_down(uint32_t thread)
{
	struct node *node = &nodes[thread];

	if (thread > 0)
		parallel_await(thread, &node->handed_down);
	for (uint32_t i = node->children; i-- > 0;) {
		struct node *child = &nodes[thread + (1u << i)];
		add(child->before, node->before, node->sums[i]);
		sem_post(&child->handed_down);
	}
}

/* A digit's keys come after those of all lower digits, in the order of the threads. */
static void rank(uint32_t thread)
{
	const uint32_t *all = nodes[0].sums[nodes[0].children];
	const uint32_t *before = nodes[thread].before;
	uint32_t *restrict places = nodes[thread].places;
	const uint32_t digits = radix;
	uint32_t lower = 0;

	for (uint32_t digit = 0; digit < digits; digit++) {
		places[digit] = lower + before[digit];
		lower += all[digit];
	}
}

static void permute(uint32_t thread, const uint32_t *from, uint32_t *to, uint32_t shift)
{
	const uint32_t end = parallel_first(key_count, thread + 1), mask = radix - 1;
	uint32_t *places = nodes[thread].places;

	for (uint32_t i = parallel_first(key_count, thread); i < end; i++) {
		const uint32_t key = from[i];
		to[places[key >> shift & mask]++] = key;
	}
}

static void sort(uint32_t thread)
{
	const uint32_t count = passes();

	for (uint32_t pass = 0; pass < count; pass++) {
		const uint32_t *from = keys[pass % 2];
		const uint32_t shift = pass * digit_bits;

		count_digits(thread, from, shift);
		add_up(thread);
		hand_down(thread);
		rank(thread);
		parallel_barrier(thread);
		permute(thread, from, keys[(pass + 1) % 2], shift);
		parallel_barrier(thread);
	}
}

/* In order, and by count, sum and a sum of scrambled values the keys that there were. */
static int check(void)
{
	const uint32_t *sorted = keys[passes() % 2];
	uint32_t sum = 0, scrambled = 0;

	for (uint32_t i = 0; i < key_count; i++) {
		if (i > 0 && sorted[i - 1] > sorted[i])
			return 0;
		sum += key_of(i) - sorted[i];
		scrambled += parallel_random(key_of(i)) - parallel_random(sorted[i]);
	}
	return sum == 0 && scrambled == 0;
}

static uint32_t *allocate_digits(void)
{
	return parallel_allocate(radix * sizeof(uint32_t));
}

static void make_node(uint32_t thread)
{
	struct node *node = &nodes[thread];
	uint32_t step = 1;

	sem_init(&node->added_up, 0, 0);
	sem_init(&node->handed_down, 0, 0);
	node->before = allocate_digits();
	node->places = allocate_digits();
	node->sums[0] = allocate_digits();
	for (; thread % (2 * step) == 0 && thread + step < parallel_threads; step *= 2)
		node->sums[++node->children] = allocate_digits();
}

static int set_keys(const char *value)
{
	return bench_read_number(value, 1, 1u << 26, &key_count);
}

static int set_radix(const char *value)
{
	return bench_read_number(value, 2, 65536, &radix) && (radix & (radix - 1)) == 0;
}

static int set_key_end(const char *value)
{
	return bench_read_number(value, 1, 1u << 31, &key_end);
}

static const struct bench_option options[] = {
	PARALLEL_OPTION,
	{ "-k", "KEYS", "how many keys, 65536 unless told", set_keys },
	{ "-r", "RADIX", "values of a digit, a power of two, 1024 unless told", set_radix },
	{ "-m", "MAXKEY", "keys are below this, 524288 unless told", set_key_end },
};

static const struct bench_program program = {
	.name = "radix",
	.description = "Sorts random integers digit by digit in several threads: SPLASH-2's radix.",
	.rounds = 3,
	.options = options,
	.option_count = sizeof options / sizeof *options,
};

int main(int argc, char **argv)
{
	static const struct parallel_program sorting = { initialise, sort, check };

	parallel_start(argc, argv, &program);
	digit_bits = __builtin_ctz(radix);
	keys[0] = parallel_allocate(key_count * sizeof *keys[0]);
	keys[1] = parallel_allocate(key_count * sizeof *keys[1]);
	for (uint32_t thread = 0; thread < parallel_threads; thread++)
		make_node(thread);
	printf("radix: %lu threads, %lu keys below %lu, radix %lu\n",
	       (unsigned long)parallel_threads, (unsigned long)key_count, (unsigned long)key_end,
	       (unsigned long)radix);
	bench_parameters("\"threads\":%lu,\"keys\":%lu,\"radix\":%lu,\"max_key\":%lu",
			 (unsigned long)parallel_threads, (unsigned long)key_count,
			 (unsigned long)radix, (unsigned long)key_end);
	parallel_measure(&sorting);
	return 0;
}
