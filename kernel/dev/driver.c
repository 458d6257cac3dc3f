/*
 * Calling the drivers that the linker has collected (linker.ld).
 */
#include "kernel/dev/driver.h"

#include <stddef.h>
#include "kernel/debug/panic.h"

extern const struct driver *const driver_table[], *const driver_table_end[];

const struct driver *driver_at(uint32_t index)
{
	const uint32_t count = driver_table_end - driver_table;

	return index < count ? driver_table[index] : NULL;
}

void drivers_start(void)
{
	const struct driver *driver;

	for (uint32_t i = 0; (driver = driver_at(i)); i++) {
		const int error = driver->start ? driver->start() : 0;
		if (error)
			panic("the driver %s cannot start (error %d)", driver->name, -error);
	}
}
