/*
 * Refuses the n-th allocation of a thread, after Linux's fail-nth: what is written to /dev/failnth
 * is n, in digits, counted from then on for the writing thread alone; 0 ends it. Read from it comes
 * struct nth_state, so that a test knows whether its call got that far. One thread at a time.
 */
#include "kernel/debug/fail.h"

#include <castle/errno.h>
#include <stdint.h>
#include "kernel/debug/nth.h"
#include "kernel/dev/device.h"
#include "kernel/dev/driver.h"
#include "kernel/lock/domain.h"
#include "kernel/sched/thread.h"

#define DIGITS_MAX 8

static const struct thread *chosen UNGUARDED("a test has one thread that writes it");
static uint32_t wanted UNGUARDED("the chosen thread's");
static struct nth_state state UNGUARDED("the chosen thread's");

bool fail_allocation(void)
{
	if (!chosen || chosen != current_thread)
		return false;
	if (++state.seen != wanted)
		return false;
	state.reached = 1;
	return true;
}

static int fail_write(struct file *file, user_addr_t buffer, uint32_t size)
{
	char digits[DIGITS_MAX];
	uint32_t number, length = 0;
	int error;

	(void)file;
	if (size == 0 || size > sizeof digits)
		return -EINVAL;
	error = copy_from_user(digits, buffer, size);
	if (error)
		return error;
	while (length < size && digits[length] != '\n')
		length++;
	error = nth_number(digits, length, &number);
	if (error)
		return error;
	chosen = number ? current_thread : NULL;
	wanted = number;
	if (number)
		state = (struct nth_state){ 0, 0 };
	return size;
}

static int fail_read(struct file *file, user_addr_t buffer, uint32_t size)
{
	(void)file;
	return nth_read(&state, buffer, size);
}

static struct driver_lock fail_lock UNGUARDED("a lock");
static const struct device_ops fail_ops = { .read = fail_read,
					    .write = fail_write,
					    .lock = &fail_lock };
static struct device fail_device SET_AT_BOOT = { .name = "failnth", .ops = &fail_ops };

static int fail_start(void)
{
	return device_register(&fail_device);
}

static const struct driver fail_driver = { .name = "failnth", .start = fail_start };
DRIVER(fail_driver);
