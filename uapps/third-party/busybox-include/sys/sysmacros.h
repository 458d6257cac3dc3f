/*
 * Numbers of devices, as Castle's stat() has them: it has no major numbers.
 */
#ifndef BUSYBOX_SYS_SYSMACROS_H
#define BUSYBOX_SYS_SYSMACROS_H

#define major(device) ((unsigned)(device) >> 8)
#define minor(device) ((unsigned)(device)&0xff)
#define makedev(major, minor) ((major) << 8 | (minor))

#endif
