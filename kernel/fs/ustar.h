/*
 * Unpacks a ustar archive (POSIX.1-1988, "ustar Interchange Format") into the RAM file system.
 */
#ifndef KERNEL_FS_USTAR_H
#define KERNEL_FS_USTAR_H

#include <stdint.h>

/*
 * Unpacks regular files and directories below the root; makes directories that the archive does not
 * name. The archive may be any bytes at all. Files unpacked, or -EINVAL (damaged: header checksum,
 * size beyond the archive, bad name), -ENOMEM; what was unpacked before the error stays. At boot.
 */
int ustar_unpack(const void *archive, uint32_t size);

#endif
