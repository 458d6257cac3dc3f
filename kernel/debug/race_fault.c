/*
 * A race on purpose, to see that it is found: a write to /dev/racefault counts to a hundred
 * thousand without a lock, and what is read from there is the count. Two processes that write there
 * at once race.
 */
#include <castle/errno.h>
#include <stdint.h>
#include "kernel/dev/device.h"
#include "kernel/dev/driver.h"
#include "kernel/lock/domain.h"

#define TIMES 100000u

static uint32_t fault_count UNGUARDED("on purpose");

/* Apart, so that reports name it. */
__attribute__((noinline)) static void race_fault_count(void)
{
	fault_count++;
	__asm__ volatile("" : : : "memory");
}

static int fault_write(struct file *file, user_addr_t buffer, uint32_t size)
{
	(void)file;
	(void)buffer;
	for (uint32_t i = 0; i < TIMES; i++)
		race_fault_count();
	return size;
}

static int fault_read(struct file *file, user_addr_t buffer, uint32_t size)
{
	const int error = size < sizeof fault_count
				  ? -EINVAL
				  : copy_to_user(buffer, &fault_count, sizeof fault_count);

	(void)file;
	return error ? error : (int)sizeof fault_count;
}

static const struct device_ops fault_ops = { .read = fault_read, .write = fault_write };
static struct device fault_device SET_AT_BOOT = { .name = "racefault", .ops = &fault_ops };

static int fault_start(void)
{
	return device_register(&fault_device);
}

static const struct driver racefault_driver = { .name = "racefault", .start = fault_start };
DRIVER(racefault_driver);
