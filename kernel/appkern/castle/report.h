/*
 * What the application kernel has done, as text: `cat /dev/apkern`.
 */
#ifndef KERNEL_APPKERN_CASTLE_REPORT_H
#define KERNEL_APPKERN_CASTLE_REPORT_H

#include "kernel/fs/file.h"

/* A device's read operation. Caller holds driver. */
int report_read(struct file *file, user_addr_t buffer, uint32_t size);

#endif
