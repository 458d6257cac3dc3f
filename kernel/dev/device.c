/*
 * Registration of devices.
 */
#include "kernel/dev/device.h"

#include "kernel/fs/path.h"
#include "kernel/lib/print.h"

int device_register(struct device *device)
{
	char path[32];

	ksnprintf(path, sizeof path, "/dev/%s", device->name);
	return path_make_device(path, device);
}
