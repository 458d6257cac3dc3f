/*
 * Every part of the address space that a program may not touch, touched: by the program itself, and
 * by the kernel on its behalf, in a container of one thread and from one thread on each CPU. Each
 * access must end in SIGSEGV or EFAULT, and each of them ends: a fault that the kernel takes for
 * spurious where it is not would be taken again for ever.
 *
 * The dangerous addresses are those that have, in their 4 MB, the place of a page that the
 * container does own in its initial 4 MB (an alias).
 */
#include "common/cpus.h"
#include "common/tap.h"

#include <castle/castle.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PAGE_SIZE   4096u
#define AREA_SIZE   0x400000u
#define SLOT_STEP   0x10000u /* of what is looked at in the CPU-local slot */
#define CPU_SLOT    0x3fc00000u
#define THREADS_MAX 8
#define ADDRESS_MAX 256

/* Offsets in 4 MB: the first page, the container's first stack page, its first page of data, the
 * last one. */
static const uint32_t offsets[] = { 0, CASTLE_STACK_END - PAGE_SIZE - CASTLE_CONTAINER_BASE,
				    CASTLE_DATA_BASE - CASTLE_CONTAINER_BASE,
				    AREA_SIZE - PAGE_SIZE };

/* 4 MB areas of which a program may not even read anything at these offsets. */
static const uint32_t areas[] = {
	CASTLE_KERNEL_BASE,
	CASTLE_KERNEL_BASE + AREA_SIZE,
	0x20000000, /* beyond the machine's memory */
	CPU_SLOT - AREA_SIZE,
	CPU_SLOT,
	CASTLE_CODE_END - 2 * AREA_SIZE, /* the last two slots: no package lies there */
	CASTLE_CODE_END - AREA_SIZE,
	CASTLE_HEAP_END - AREA_SIZE,
	CASTLE_THREAD_STACKS_END - AREA_SIZE, /* thread stacks that nobody has */
	CASTLE_THREAD_STACKS_END,
	CASTLE_THREAD_STACKS_END + AREA_SIZE,
	0u - AREA_SIZE,
};

/* Single ones. */
static const uint32_t pages[] = {
	CASTLE_CODE_BASE + PAGE_SIZE, /* behind the kernel page */
	CASTLE_CODE_BASE + (CASTLE_STACK_END - PAGE_SIZE - CASTLE_CONTAINER_BASE),
	CASTLE_CODE_BASE + (CASTLE_DATA_BASE - CASTLE_CONTAINER_BASE),
	CASTLE_CODE_BASE + AREA_SIZE - PAGE_SIZE,
	CASTLE_CONTAINER_BASE,       /* the guard below the first stack */
	CASTLE_HEAP_END - PAGE_SIZE, /* beyond the break */
	CASTLE_THREAD_STACKS,        /* guard of the first thread stack */
};

static uint32_t addresses[ADDRESS_MAX];
static uint32_t address_count;

static void address_add(uint32_t address)
{
	if (address_count < ADDRESS_MAX)
		addresses[address_count++] = address;
}

static void addresses_collect(void)
{
	const uint32_t slot = (uint32_t)addresses_collect & -AREA_SIZE;

	for (uint32_t i = 0; i < sizeof areas / sizeof *areas; i++)
		for (uint32_t j = 0; j < sizeof offsets / sizeof *offsets; j++)
			address_add(areas[i] + offsets[j]);
	for (uint32_t i = 0; i < sizeof pages / sizeof *pages; i++)
		address_add(pages[i]);
	for (uint32_t offset = 0; offset < AREA_SIZE; offset += SLOT_STEP)
		address_add(CPU_SLOT + offset);
	/* This program's own code slot, behind its code, and everything about the break. */
	address_add(slot + AREA_SIZE - PAGE_SIZE);
	address_add(slot + offsets[2]);
	address_add(((uint32_t)sbrk(0) + 2 * AREA_SIZE) & -AREA_SIZE);
	address_add(CASTLE_THREAD_STACKS_END - 4);
	address_add(UINT32_MAX - 3);
}

/* --- ways of touching ------------------------------------------------------------------------- */

static __thread sigjmp_buf back;

static void caught(int signal)
{
	siglongjmp(back, signal);
}

/* Each returns whether the access was refused as it should be. */
static bool read_refused(uint32_t address)
{
	if (sigsetjmp(back, 1) == 0) {
		(void)*(volatile uint8_t *)address;
		return false;
	}
	return true;
}

static bool write_refused(uint32_t address)
{
	if (sigsetjmp(back, 1) == 0) {
		*(volatile uint8_t *)address = 1;
		return false;
	}
	return true;
}

static bool jump_refused(uint32_t address)
{
	if (sigsetjmp(back, 1) == 0) {
		((void (*)(void))address)();
		return false;
	}
	return true;
}

static int sink, source; /* files to write to, to read from */

static bool kernel_read_refused(uint32_t address)
{
	return pwrite(sink, (void *)address, 1, 0) == -1 && errno == EFAULT;
}

static bool kernel_write_refused(uint32_t address)
{
	return pread(source, (void *)address, 1, 0) == -1 && errno == EFAULT;
}

static bool kernel_string_refused(uint32_t address)
{
	return castle_call3(CASTLE_CALL_open, address, O_RDONLY, 0) == -EFAULT;
}

/* The first bytes are the program's own, the last one is not: some may be written, never all. */
static bool kernel_long_read_refused(uint32_t address)
{
	static char byte;
	const uint32_t size = address - (uint32_t)&byte + 1;

	return (uint32_t)pwrite(sink, &byte, size, 0) != size;
}

static const struct way {
	const char *name;
	bool (*refused)(uint32_t address);
} ways[] = {
	{ "reading", read_refused },
	{ "writing", write_refused },
	{ "jumping there", jump_refused },
	{ "having the kernel read", kernel_read_refused },
	{ "having the kernel write", kernel_write_refused },
	{ "having the kernel read a string", kernel_string_refused },
	{ "having the kernel read up to there", kernel_long_read_refused },
};

#define WAY_COUNT (sizeof ways / sizeof *ways)

/* How many of the addresses were refused; those that were not are named. */
static uint32_t count_refused(const struct way *way)
{
	uint32_t refused = 0;

	for (uint32_t i = 0; i < address_count; i++) {
		if (way->refused(addresses[i]))
			refused++;
		else
			printf("# %s is not refused at %08x\n", way->name, (unsigned)addresses[i]);
	}
	return refused;
}

/* What may be read, and not be written. */
static void test_read_only(void)
{
	const uint32_t readable[] = { CASTLE_KERNEL_PAGE, (uint32_t)test_read_only };
	bool good = true;

	for (uint32_t i = 0; i < sizeof readable / sizeof *readable; i++)
		good &= !read_refused(readable[i]) && write_refused(readable[i]) &&
			!kernel_read_refused(readable[i]) && kernel_write_refused(readable[i]);
	ok(good, "code and the kernel page can be read and not be written");
}

static void test_one_thread(void)
{
	for (uint32_t i = 0; i < WAY_COUNT; i++)
		ok_is(count_refused(&ways[i]), address_count, ways[i].name);
	test_read_only();
}

/* --- threads ---------------------------------------------------------------------------------- */

static pthread_barrier_t start;
static uint32_t refused_by[THREADS_MAX];

/* Guards of the stack that the thread runs on, too. */
static bool own_guard_refused(void)
{
	const uint32_t here = (uint32_t)__builtin_frame_address(0);
	const uint32_t guard = here & -CASTLE_THREAD_STACK_SIZE;

	return read_refused(guard) && write_refused(guard) && kernel_write_refused(guard);
}

static void *touch_all(void *argument)
{
	uint32_t *const refused = argument;

	pthread_barrier_wait(&start);
	for (uint32_t i = 0; i < WAY_COUNT; i++)
		*refused += count_refused(&ways[i]);
	*refused += own_guard_refused();
	return NULL;
}

static void test_threads(uint32_t count)
{
	pthread_t threads[THREADS_MAX];
	uint32_t good = 0;

	pthread_barrier_init(&start, NULL, count);
	for (uint32_t i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, touch_all, &refused_by[i]) != 0)
			exit(1);
	for (uint32_t i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		good += refused_by[i] == WAY_COUNT * address_count + 1;
	}
	ok_is(good, count, "each of several threads is refused all of it, all ways");
}

int main(void)
{
	const struct sigaction action = { .sa_handler = caught };
	uint32_t count = cpu_count() + 1;

	sigaction(SIGSEGV, &action, NULL);
	sink = open("/tmp/sink", O_RDWR | O_CREAT, 0600);
	source = open("/share/hello.txt", O_RDONLY);
	ok(sink >= 0 && source >= 0, "there are files");
	addresses_collect();
	ok(address_count < ADDRESS_MAX, "%u addresses are looked at", (unsigned)address_count);
	test_one_thread();
	test_threads(count < THREADS_MAX ? count : THREADS_MAX);
	test_one_thread();
	unlink("/tmp/sink");
	return done_testing();
}
