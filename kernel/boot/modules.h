/*
 * The boot modules: programs, and an archive of files.
 */
#ifndef KERNEL_BOOT_MODULES_H
#define KERNEL_BOOT_MODULES_H

/*
 * Says on the console how many modules the boot loader did not load, or this kernel has no room
 * for. At boot.
 */
void modules_report(void);

/*
 * Makes /bin/NAME of each package, and unpacks the files. What cannot be used is reported on the
 * console with the reason, and so is what the boot loader did not load; the rest goes on. At boot.
 */
void modules_load(void);

#endif
