/*
 * Drivers: parts of the kernel that nothing else calls by name. Linking one in is all it takes, and
 * leaves every other object file as it was. One may bring an organisation along: a whole kernel of
 * its own, for the further processors (Section 4.3 of the thesis).
 */
#ifndef KERNEL_DEV_DRIVER_H
#define KERNEL_DEV_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

/* A key of the kernel command line: DRIVER.KEY=VALUE, set whatever the mode is. */
struct driver_option {
	const char *key;
	const char *valid;              /* what a value may be, for the error message */
	bool (*set)(const char *value); /* false: it may not */
};

struct driver {
	const char *name;
	const struct driver_option *options;
	uint32_t option_count;
	/*
	 * When the kernel is complete, with /dev, but before programs and files of the boot modules
	 * are there. 0 or a negative errno value, which is a panic. NULL: need not.
	 */
	int (*start)(void);
};

/* Puts a driver, a variable of the file, into the kernel. */
#define DRIVER(variable)                                      \
	static const struct driver *const variable##_in_table \
		__attribute__((section(".drivers"), used)) = &(variable)

/* The drivers, in no special order; NULL behind the last one. Any context. */
const struct driver *driver_at(uint32_t index);

/* Starts the drivers. At boot. */
void drivers_start(void);

#endif
