/*
 * /dev/null and /dev/zero (POSIX.1-2017, section 10.1, and custom).
 */
#include "kernel/dev/device.h"
#include "kernel/dev/driver.h"
#include "kernel/lock/domain.h"

static int null_read(struct file *file, user_addr_t buffer, uint32_t size)
{
	(void)file, (void)buffer, (void)size;
	return 0;
}

static int zero_read(struct file *file, user_addr_t buffer, uint32_t size)
{
	const int error = user_zero(buffer, size);

	(void)file;
	return error ? error : (int)size;
}

static int discard_write(struct file *file, user_addr_t buffer, uint32_t size)
{
	(void)file, (void)buffer;
	return size;
}

static const struct device_ops null_ops = { .read = null_read, .write = discard_write };
static const struct device_ops zero_ops = { .read = zero_read, .write = discard_write };

static struct device null_device SET_AT_BOOT = { .name = "null", .ops = &null_ops };
static struct device zero_device SET_AT_BOOT = { .name = "zero", .ops = &zero_ops };

static int null_start(void)
{
	const int error = device_register(&null_device);

	return error ? error : device_register(&zero_device);
}

static const struct driver null_driver = { .name = "null", .start = null_start };
DRIVER(null_driver);
