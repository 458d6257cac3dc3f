/*
 * Addresses outside the container whose place in a page table is that of a page which is there: the
 * kernel refuses them as it refuses any other, and they are as unmapped for the program itself.
 */
#include "common/guard.h"
#include "common/tap.h"

#include <castle/address_map.h>
#include <castle/castle.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The stack's first page, and the first of the variables: both are there. */
#define STACK_OFFSET (CASTLE_STACK_END - 4096 - CASTLE_CONTAINER_BASE)
#define DATA_OFFSET  (CASTLE_DATA_BASE - CASTLE_CONTAINER_BASE)

/* The kernel's page's slot, one that no program has, the one below the container. */
static const uint32_t bases[] = {
	CASTLE_CODE_BASE,
	CASTLE_CODE_BASE + 200 * CASTLE_CODE_SLOT_SIZE,
	CASTLE_CONTAINER_BASE - CASTLE_CODE_SLOT_SIZE,
};

static uint32_t alias; /* the address that the child tries */
static int some_data = 1;

static void write_from_alias(void)
{
	int ends[2];

	pipe(ends);
	_exit(write(ends[1], (void *)alias, 1) == -1 && errno == EFAULT ? 0 : 1);
}

static void read_to_alias(void)
{
	int ends[2];

	pipe(ends);
	write(ends[1], "x", 1);
	_exit(read(ends[0], (void *)alias, 1) == -1 && errno == EFAULT ? 0 : 1);
}

static void path_at_alias(void)
{
	struct stat status;

	_exit(stat((const char *)alias, &status) == -1 && errno == EFAULT ? 0 : 1);
}

static void load_from_alias(void)
{
	*(volatile char *)alias;
	_exit(1);
}

static void store_to_alias(void)
{
	*(volatile char *)alias = 1;
	_exit(1);
}

static void jump_to_alias(void)
{
	((void (*)(void))alias)();
	_exit(1);
}

static void *do_nothing(void *argument)
{
	return argument;
}

/* With a page directory of the container's own. */
static void with_threads(void (*child)(void))
{
	pthread_t thread;

	pthread_create(&thread, NULL, do_nothing, NULL);
	pthread_join(thread, NULL);
	child();
}

static void write_with_threads(void)
{
	with_threads(write_from_alias);
}

static void load_with_threads(void)
{
	with_threads(load_from_alias);
}

static void test_alias(uint32_t address)
{
	alias = address;
	ok_is(guard_exit(write_from_alias), 0, "write from where nothing is: EFAULT");
	ok_is(guard_exit(read_to_alias), 0, "read to there");
	ok_is(guard_exit(path_at_alias), 0, "a path there");
	ok_is(guard_exit(write_with_threads), 0, "write from there, with threads");
	ok_is(guard_exit(load_from_alias), 1000 + SIGSEGV, "a load: SIGSEGV");
	ok_is(guard_exit(store_to_alias), 1000 + SIGSEGV, "a store");
	ok_is(guard_exit(jump_to_alias), 1000 + SIGSEGV, "a jump");
	ok_is(guard_exit(load_with_threads), 1000 + SIGSEGV, "a load, with threads");
}

int main(void)
{
	some_data++;
	for (unsigned i = 0; i < sizeof bases / sizeof *bases; i++) {
		test_alias(bases[i] + STACK_OFFSET);
		test_alias(bases[i] + DATA_OFFSET);
	}
	return done_testing();
}
