/*
 * Parsing the kernel command line: `key=value` words, values with blanks in double quotes. Every
 * key and value is checked before anything else starts (design: Modes).
 */
#ifndef KERNEL_BOOT_OPTIONS_H
#define KERNEL_BOOT_OPTIONS_H

#include "kernel/lib/options.h"

#define OPTIONS_ERROR_MAX 512

/*
 * Parses `line` into *options. 0, or -EINVAL with a sentence in `error` that names the offending
 * key or value and lists the valid ones. Modes are the names of the organisations linked in
 * (kernel/organisation/organisation.h), and keys DRIVER.KEY go to the drivers that are
 * (kernel/dev/driver.h). The word that GRUB may put first, the kernel's path, is the caller's to
 * skip. At boot.
 */
int options_parse(struct kernel_options *options, const char *line, char error[OPTIONS_ERROR_MAX]);

#endif
