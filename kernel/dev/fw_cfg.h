/*
 * QEMU's firmware configuration device: how the host hands a command line in (design: Boot).
 */
#ifndef KERNEL_DEV_FW_CFG_H
#define KERNEL_DEV_FW_CFG_H

#include <stdint.h>

/*
 * Copies the item called `name`, NUL-terminated, to `buffer`. Its length; -ENOENT if there is no
 * such item or no such device; -E2BIG if it does not fit. At boot.
 */
int fw_cfg_read_string(const char *name, char *buffer, uint32_t size);

#endif
