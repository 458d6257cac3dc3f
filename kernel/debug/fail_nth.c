/*
 * Refuses the n-th allocation of a thread, after Linux's fail-nth: what is written to /dev/failnth
 * is n, in digits, counted from then on for the writing thread alone; 0 ends it. Read from it comes
 * struct fail_state, so that a test knows whether its call got that far. One thread at a time.
 */
#include "kernel/debug/fail.h"

#include <castle/errno.h>
#include <stdint.h>
#include "kernel/dev/device.h"
#include "kernel/dev/driver.h"
#include "kernel/lock/domain.h"
#include "kernel/sched/thread.h"

#define DIGITS_MAX 8

/* Read by tests, too (tests/boot/programs/test_failnth.c). */
struct fail_state {
	uint32_t seen;    /* allocations of the thread since it has written */
	uint32_t refused; /* 1: the n-th of them was refused */
};

static const struct thread *chosen UNGUARDED("a test has one thread that writes it");
static uint32_t wanted UNGUARDED("the chosen thread's");
static struct fail_state state UNGUARDED("the chosen thread's");

bool fail_allocation(void)
{
	if (!chosen || chosen != current_thread)
		return false;
	if (++state.seen != wanted)
		return false;
	state.refused = 1;
	return true;
}

static int fail_write(struct file *file, user_addr_t buffer, uint32_t size)
{
	char digits[DIGITS_MAX];
	uint32_t number = 0;
	int error;

	(void)file;
	if (size == 0 || size > sizeof digits)
		return -EINVAL;
	error = copy_from_user(digits, buffer, size);
	if (error)
		return error;
	for (uint32_t i = 0; i < size && digits[i] != '\n'; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return -EINVAL;
		number = number * 10 + (digits[i] - '0');
	}
	chosen = number ? current_thread : NULL;
	wanted = number;
	if (number)
		state = (struct fail_state){ 0, 0 };
	return size;
}

static int fail_read(struct file *file, user_addr_t buffer, uint32_t size)
{
	int error;

	(void)file;
	if (size < sizeof state)
		return -EINVAL;
	error = copy_to_user(buffer, &state, sizeof state);
	return error ? error : (int)sizeof state;
}

static const struct device_ops fail_ops = { .read = fail_read, .write = fail_write };
static struct device fail_device SET_AT_BOOT = { .name = "failnth", .ops = &fail_ops };

static int fail_start(void)
{
	return device_register(&fail_device);
}

static const struct driver fail_driver = { .name = "failnth", .start = fail_start };
DRIVER(fail_driver);
