/*
 * Calling the drivers that the linker has collected (linker.ld).
 */
#include "kernel/dev/driver.h"

#include <stddef.h>
#include "kernel/lib/options.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"

extern const struct driver *const driver_table[], *const driver_table_end[];

const struct driver *driver_at(uint32_t index)
{
	const uint32_t count = driver_table_end - driver_table;

	return index < count ? driver_table[index] : NULL;
}

static bool is_wanted(const struct driver *driver)
{
	return !driver->mode || strcmp(driver->mode, mode_name()) == 0;
}

void drivers_find(void)
{
	const struct driver *driver;

	for (uint32_t i = 0; (driver = driver_at(i)); i++)
		if (is_wanted(driver) && driver->find)
			driver->find();
}

/* Castle does without what a mode adds, but not without its console. */
static void start(const struct driver *driver)
{
	const int error = driver->start();

	if (error && !driver->mode)
		panic("the driver %s cannot start (error %d)", driver->name, -error);
	if (error)
		kprintf("Castle: %s: error %d\n", driver->name, -error);
}

void drivers_start(void)
{
	const struct driver *driver;

	for (uint32_t i = 0; (driver = driver_at(i)); i++)
		if (is_wanted(driver))
			start(driver);
}
