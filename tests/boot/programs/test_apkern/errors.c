/*
 * Requests that the driver must refuse.
 */
#include "../common/tap.h"
#include "pair.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void idle_code(void)
{
	for (;;)
		marker(0);
}

static int request(const struct pair *pair, uint32_t request, uint32_t argument)
{
	return castle_call3(CASTLE_CALL_ioctl, pair->fd, request, argument);
}

static void test_areas(int fd)
{
	const struct pair pair = { .fd = fd };
	char *pages = sbrk(3 * 4096);
	const uint32_t page = ((uint32_t)(uintptr_t)pages + 4095) & ~4095u;

	ok_is(request(&pair, CASTLE_APKERN_THREAD_CREATE, page + 2), -EINVAL, "an unaligned area");
	ok_is(request(&pair, CASTLE_APKERN_THREAD_CREATE, page + 4096 - 8), -EINVAL,
	      "an area across pages");
	ok_is(request(&pair, CASTLE_APKERN_THREAD_CREATE, 0), -EINVAL, "no area");
	ok_is(request(&pair, CASTLE_APKERN_THREAD_CREATE, 0x100000), -EINVAL, "in the kernel");
	ok_is(request(&pair, CASTLE_APKERN_THREAD_CREATE, CASTLE_KERNEL_PAGE), -EINVAL,
	      "in the kernel page");
	ok_is(request(&pair, CASTLE_APKERN_THREAD_CREATE, 0xfffffff0), -EINVAL, "at the end");
}

static void test_states(void)
{
	struct pair pair = pair_create(device_open(), idle_code);
	struct castle_apkern_registers registers;

	ok_is(request(&pair, CASTLE_APKERN_THREAD_ACTIVATE, pair.id), -EBUSY,
	      "activating a new thread");
	ok_is(request(&pair, CASTLE_APKERN_THREAD_START, pair.id + 1), -EINVAL, "no such thread");
	ok_is(request(&pair, CASTLE_APKERN_THREAD_START, 0), -EINVAL, "nor 0");
	ok_is(request(&pair, CASTLE_APKERN_THREAD_START, pair.id), 0, "started");
	ok_is(pair_wait(&pair), 0, "it has a message");
	ok_is(request(&pair, CASTLE_APKERN_THREAD_START, pair.id), -EBUSY,
	      "starting a forwarding thread");
	ok_is(pair_request(&pair, CASTLE_APKERN_THREAD_GET_REGS, (void *)0x1000), -EFAULT,
	      "registers at a bad address");
	ok_is(pair_request(&pair, CASTLE_APKERN_THREAD_EX_REGS, (void *)0x1000), -EFAULT,
	      "to be read from there");
	pair.id += 1;
	ok_is(pair_registers(&pair, 0, &registers), -EINVAL, "of no thread");
	pair.id -= 1;
	ok_is(request(&pair, 0x4100, 0), -ENOTTY, "no such request");
	ok_is(request(&pair, 0xffffffff, 0), -ENOTTY, "nor this");
	pair.area->bootstrap_has_msg = 0;
	pair.area->signals = 4;
	ok_is(pair_wait(&pair), -EINTR, "signals to deal with end a wait at once");
	close(pair.fd);
	ok_is(pair_wait(&pair), -EBADF, "the device is closed");
}

static struct pair inherited;

static void use_inherited(void)
{
	_exit(pair_wait(&inherited) == -EPERM ? 0 : 1);
}

static void test_other_process(void)
{
	inherited = pair_start(idle_code);
	ok_is(in_child(use_inherited), 0, "a child may not use its parent's descriptor");
	ok_is(pair_wait(&inherited), 0, "which still works");
	close(inherited.fd);
}

/* Segments and flags are not the program's to choose. */
static void test_registers(void)
{
	const struct pair pair = pair_create(device_open(), idle_code);
	struct castle_apkern_registers registers;

	pair_registers(&pair, CASTLE_APKERN_GENERAL, &registers);
	registers.eflags = 0xffffffff;
	pair_set_registers(&pair, CASTLE_APKERN_GENERAL, &registers);
	pair_registers(&pair, CASTLE_APKERN_GENERAL, &registers);
	ok_is(registers.eflags & 0x3200, 0x200, "interrupts stay on, no right to ports");
	for (unsigned i = 0; i < sizeof registers.fpu; i++)
		registers.fpu[i] = 0xff;
	ok_is(pair_set_registers(&pair, CASTLE_APKERN_FPU, &registers), 0,
	      "a floating-point image of ones");
	registers.eflags = 0x202;
	pair_set_registers(&pair, CASTLE_APKERN_GENERAL, &registers);
	request(&pair, CASTLE_APKERN_THREAD_START, pair.id);
	ok_is(pair_wait(&pair), 0, "does no harm");
	close(pair.fd);
}

void test_errors(void)
{
	const int fd = device_open();

	ok(fd >= 0, "the device is there");
	test_areas(fd);
	close(fd);
	test_states();
	test_other_process();
	test_registers();
}
