/*
 * A race on purpose, to see that it is found: a write to /dev/racefault has all other processors
 * count at once, without a lock, in the middle of whatever they do. It takes two of them.
 */
#include <castle/errno.h>
#include <stdint.h>
#include "kernel/dev/device.h"
#include "kernel/dev/driver.h"
#include "kernel/lib/print.h"
#include "kernel/lock/domain.h"
#include "kernel/smp/cross_call.h"

#define TIMES 20000u

static uint32_t fault_count UNGUARDED("on purpose");

/* Apart, so that reports name it. */
__attribute__((noinline)) static void race_fault_count(void)
{
	fault_count++;
	__asm__ volatile("" : : : "memory");
}

/* First level, on the others. */
static void count_many(void)
{
	for (uint32_t i = 0; i < TIMES; i++)
		race_fault_count();
}

static int fault_write(struct file *file, user_addr_t buffer, uint32_t size)
{
	const uint32_t others = cross_call_others();

	(void)file;
	(void)buffer;
	if (!(others & (others - 1)))
		return -ENODEV;
	cross_call(others, count_many);
	kprintf("racefault: %u counted\n", fault_count);
	return size;
}

static struct driver_lock fault_lock UNGUARDED("a lock");
static const struct device_ops fault_ops = { .write = fault_write, .lock = &fault_lock };
static struct device fault_device SET_AT_BOOT = { .name = "racefault", .ops = &fault_ops };

static int fault_start(void)
{
	return device_register(&fault_device);
}

static const struct driver racefault_driver = { .name = "racefault", .start = fault_start };
DRIVER(racefault_driver);
