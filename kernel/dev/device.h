/*
 * Devices: what a driver registers and what programs reach as /dev/NAME. Paper III, Section 4.4:
 * the application kernel is such a driver, so nothing here knows any driver by name.
 */
#ifndef KERNEL_DEV_DEVICE_H
#define KERNEL_DEV_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/lock/driver_lock.h"
#include "kernel/mem/user_copy.h"

struct file;

/*
 * Operations return a count or 0, a negative errno value, or CALL_BLOCKED
 * (kernel/sched/call_result.h). One that is absent: open and close succeed, the others answer
 * -ENODEV (ioctl: -ENOTTY). They are a file's operations (kernel/fs/file.h): their caller has a
 * reference to the file and holds `driver`, by the driver's lock.
 */
struct device_ops {
	int (*open)(struct file *file);
	void (*close)(struct file *file);
	int (*read)(struct file *file, user_addr_t buffer, uint32_t size);
	int (*write)(struct file *file, user_addr_t buffer, uint32_t size);
	int (*ioctl)(struct file *file, uint32_t request, user_addr_t argument);
	uint32_t (*ready)(struct file *file);
	struct driver_lock *lock; /* NULL: what operations touch is the caller's alone */
};

struct device {
	const char *name; /* in /dev */
	const struct device_ops *ops;
	void *data; /* the driver's own */
};

/*
 * Makes /dev/NAME. 0, -EEXIST or -ENOSPC. The file system must be up; `device` stays in use. At
 * boot.
 */
int device_register(struct device *device);

#endif
