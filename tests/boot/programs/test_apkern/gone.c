/*
 * A process that is gone while its descriptor is not: another one has inherited it. What the driver
 * knows of its threads then leads nowhere.
 */
#include "../common/tap.h"
#include "pair.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEEP_US 200000

static void spin(void)
{
	for (;;)
		;
}

/* The descriptor lives on in a child for a while. */
static void leave_descriptor(void)
{
	if (fork() == 0)
		usleep(KEEP_US);
	_exit(0);
}

static struct pair pair_that_is_inherited(void)
{
	const struct pair pair = pair_create(open(CASTLE_APKERN_DEVICE, O_RDWR), spin);

	castle_call3(CASTLE_CALL_ioctl, pair.fd, CASTLE_APKERN_THREAD_START, pair.id);
	return pair;
}

static void go_with_thread_running(void)
{
	pair_that_is_inherited();
	leave_descriptor();
}

static void go_with_thread_away(void)
{
	const struct pair pair = pair_that_is_inherited();
	struct castle_apkern_registers registers;

	if (pair_registers(&pair, CASTLE_APKERN_LEAVE, &registers) < 0)
		_exit(1);
	leave_descriptor();
}

static void test_gone(void (*go)(void), const char *name)
{
	const int known = threads_known();

	ok_is(in_child(go), 0, name);
	usleep(2 * KEEP_US);
	ok_is(threads_known(), known, "the application kernel gets over it");
}

void test_processes_gone(void)
{
	test_gone(go_with_thread_running, "a process ends with its thread running");
	test_gone(go_with_thread_away, "a process ends with its thread away");
}
