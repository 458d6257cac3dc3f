/*
 * The heap: blocks of all sizes do not overlap, are aligned and keep what is in them; errors;
 * threads that free each other's blocks; fork while others allocate; and no memory is lost in the
 * caches.
 */
#include "common/tap.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LARGEST  20000
#define THREADS  4
#define TURNS    500
#define SLOTS    128
#define SHARED   16
#define MEGABYTE (1 << 20)

/* Fills a block so that each byte depends on the block's size and its place in it. */
static void fill(unsigned char *block, size_t size)
{
	for (size_t i = 0; i < size; i++)
		block[i] = size * 7 + i;
}

static bool is_filled(const unsigned char *block, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (block[i] != (unsigned char)(size * 7 + i))
			return false;
	return true;
}

/* Steps through the sizes: all small ones, then ever larger steps. */
static size_t next_size(size_t size)
{
	return size + 1 + size / 64;
}

static void test_sizes(void)
{
	static unsigned char *blocks[LARGEST];
	int count = 0, wrong = 0, misaligned = 0, small = 0;

	for (size_t size = 0; size < LARGEST; size = next_size(size), count++) {
		blocks[count] = malloc(size);
		misaligned += (uintptr_t)blocks[count] % 8 != 0;
		small += malloc_usable_size(blocks[count]) < size;
		fill(blocks[count], size);
	}
	count = 0;
	for (size_t size = 0; size < LARGEST; size = next_size(size), count++)
		wrong += !is_filled(blocks[count], size);
	ok(wrong == 0, "%d blocks of all sizes do not overlap", count);
	ok_is(misaligned, 0, "all are aligned to eight bytes");
	ok_is(small, 0, "none is smaller than what was asked for");
	while (count > 0)
		free(blocks[--count]);
	free(NULL);
}

static void test_reuse(void)
{
	void *first = malloc(100), *second;

	free(first);
	second = malloc(97);
	ok(first == second, "a block is used again for what fits into it");
	free(second);
}

static void test_calloc(void)
{
	volatile size_t many = 0x10001; /* or the compiler knows better */
	int wrong = 0;

	for (size_t size = 1; size < LARGEST; size = next_size(size)) {
		unsigned char *block = malloc(size);
		memset(block, 0xff, size);
		free(block);
		block = calloc(1, size);
		for (size_t i = 0; i < size; i++)
			wrong += block[i] != 0;
		free(block);
	}
	ok_is(wrong, 0, "calloc() clears blocks that were used");
	ok(!calloc(many, 0x10000) && errno == ENOMEM, "calloc() of more than a number can say");
}

static void test_realloc(void)
{
	unsigned char *block = realloc(NULL, 1);
	unsigned char *volatile same;
	int wrong = 0;
	size_t last = 1;

	fill(block, 1);
	for (size_t size = 2; size < LARGEST; size = next_size(size)) {
		block = realloc(block, size);
		for (size_t i = 0; i < last; i++)
			wrong += block[i] != (unsigned char)(last * 7 + i);
		fill(block, size);
		last = size;
	}
	ok_is(wrong, 0, "realloc() keeps the content of what grows");
	for (size_t size = last / 2; size > 0; size /= 2) {
		block = realloc(block, size);
		for (size_t i = 0; i < size; i++)
			wrong += block[i] != (unsigned char)(last * 7 + i);
		fill(block, size);
		last = size;
	}
	ok_is(wrong, 0, "and of what shrinks");
	same = block;
	ok(!realloc(block, 0x7fffffff) && errno == ENOMEM, "realloc() to more than there is");
	ok(is_filled(same, last), "leaves the block as it is");
	free(same);
}

static void test_alignment(void)
{
	int wrong = 0;

	for (size_t alignment = 8; alignment <= 65536; alignment *= 2)
		for (size_t size = 1; size < LARGEST; size += size + 13) {
			unsigned char *block = memalign(alignment, size);
			wrong += !block || (uintptr_t)block % alignment;
			fill(block, size);
			free(block);
			block = malloc(size);
			fill(block, size);
			wrong += !is_filled(block, size);
			free(block);
		}
	ok_is(wrong, 0, "memalign() aligns, and free() takes such blocks");
}

/* Memory is used again across sizes, although freed blocks wait in lists of their own size. */
static void test_sizes_share(void)
{
	char *const start = sbrk(0);
	static void *blocks[MEGABYTE / 64];

	for (size_t size = 32; size <= 4096; size *= 2) {
		for (size_t i = 0; i < MEGABYTE / (2 * size); i++)
			blocks[i] = malloc(size - 8);
		for (size_t i = 0; i < MEGABYTE / (2 * size); i++)
			free(blocks[i]);
	}
	ok((char *)sbrk(0) - start < 5 * MEGABYTE / 2,
	   "eight times half a megabyte in blocks of eight sizes take less than five of them");
}

static void test_exhaustion(void)
{
	size_t bytes = 0;
	void **blocks = NULL, **block;
	char *last;

	/* Small blocks first, so that memory is in the lists when a large one is wanted. */
	for (int i = 0; i < 20000 && (block = malloc(64)); i++) {
		*block = blocks;
		blocks = block;
	}
	while ((block = blocks)) {
		blocks = *block;
		free(block);
	}
	while ((block = malloc(MEGABYTE))) {
		*block = blocks;
		blocks = block;
		bytes += MEGABYTE;
	}
	ok(errno == ENOMEM && bytes > MEGABYTE, "memory is out after %u MB",
	   (unsigned)(bytes >> 20));
	last = malloc(100);
	ok(last != NULL, "a small block is there all the same");
	free(last);
	while ((block = blocks)) {
		blocks = *block;
		free(block);
	}
	last = malloc(bytes / 2);
	ok(last != NULL, "what was freed is one block again");
	free(last);
}

static unsigned char *shared[SHARED];

static void check_and_free(unsigned char *block, int *wrong)
{
	size_t size;

	memcpy(&size, block, sizeof size);
	*wrong += size > LARGEST || malloc_usable_size(block) < size;
	for (size_t i = sizeof size; i < size && i < LARGEST; i++)
		*wrong += block[i] != (unsigned char)(size * 7 + i);
	free(block);
}

/* Allocates, frees, and exchanges blocks with the other threads. */
static void *allocate_much(void *argument)
{
	unsigned char *slots[SLOTS] = { NULL };
	unsigned random = (uintptr_t)argument;
	int wrong = 0;

	for (int i = 0; i < TURNS; i++) {
		random = random * 1664525 + 1013904223;
		unsigned char **slot = &slots[random >> 8 & (SLOTS - 1)];
		const size_t size = sizeof size + (random >> 16) % (random & 7 ? 200 : 3000);
		if (random >> 28 & 3)
			*slot = __atomic_exchange_n(&shared[random >> 20 & (SHARED - 1)], *slot,
						    __ATOMIC_ACQ_REL);
		if (*slot)
			check_and_free(*slot, &wrong);
		*slot = malloc(size);
		fill(*slot, size);
		memcpy(*slot, &size, sizeof size);
	}
	for (int i = 0; i < SLOTS; i++)
		if (slots[i])
			check_and_free(slots[i], &wrong);
	return (void *)(intptr_t)wrong;
}

static int run_threads(unsigned seed)
{
	pthread_t threads[THREADS];
	int wrong = 0;
	void *result;

	for (unsigned i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, allocate_much, (void *)(uintptr_t)(seed + i));
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &result);
		wrong += (intptr_t)result;
	}
	for (int i = 0; i < SHARED; i++) {
		if (shared[i])
			check_and_free(shared[i], &wrong);
		shared[i] = NULL;
	}
	return wrong;
}

/* Generations of threads use the same memory: what ended threads had is not lost. */
static void test_threads(void)
{
	char *after_first;
	int wrong = run_threads(1);

	after_first = sbrk(0);
	for (unsigned generation = 2; generation < 10; generation++)
		wrong += run_threads(generation * 100);
	ok_is(wrong, 0, "threads free each other's blocks, and all of them hold what they should");
	ok((char *)sbrk(0) - after_first < MEGABYTE,
	   "the memory of threads that ended is used again");
}

static volatile bool stop;

static void *allocate_until_stopped(void *argument)
{
	(void)argument;
	while (!stop)
		allocate_much((void *)7);
	return NULL;
}

/* In the child, whose one thread is the caller, the heap works whatever the others were doing. */
static void test_fork(void)
{
	pthread_t threads[THREADS];
	int failures = 0, status;

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, allocate_until_stopped, NULL);
	for (int i = 0; i < 10; i++) {
		const pid_t pid = fork();
		if (pid == 0) {
			memset(shared, 0, sizeof shared);
			_exit(run_threads(i) != 0 || !malloc(MEGABYTE));
		}
		failures += waitpid(pid, &status, 0) != pid || status != 0;
	}
	stop = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ok_is(failures, 0, "fork while other threads allocate: the children's heaps are whole");
}

int main(void)
{
	test_sizes();
	test_reuse();
	test_calloc();
	test_realloc();
	test_alignment();
	test_sizes_share();
	test_threads();
	test_fork();
	test_exhaustion();
	return done_testing();
}
