/*
 * Drivers: parts of the kernel that nothing else calls by name. Linking one in is all it takes, and
 * leaves every other object file as it was. A driver may add a mode: a whole kernel of its own, for
 * the further processors, can be one (Section 4.3 of the thesis).
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
	const char *mode; /* mode= of which it is part, in no other it starts; NULL: of all */
	const struct driver_option *options;
	uint32_t option_count;
	/* Before paging: all physical memory can be read, none be allocated. May be absent. */
	void (*find)(void);
	/*
	 * When the kernel is complete, with /dev, but before programs and files of the boot modules
	 * are there. 0 or a negative errno value: with a mode, a message; else, a panic.
	 */
	int (*start)(void);
};

/* Puts a driver, a variable of the file, into the kernel. */
#define DRIVER(variable)                                      \
	static const struct driver *const variable##_in_table \
		__attribute__((section(".drivers"), used)) = &(variable)

/* The drivers, whatever their mode, in no special order; NULL behind the last one. Any context. */
const struct driver *driver_at(uint32_t index);

/* Call find and start of the drivers that are part of this boot's mode. At boot. */
void drivers_find(void);
void drivers_start(void);

#endif
