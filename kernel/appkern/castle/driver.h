/*
 * /dev/apkern: the calls of Section 4.3.5, as the requests of castle/apkern.h.
 */
#ifndef KERNEL_APPKERN_CASTLE_DRIVER_H
#define KERNEL_APPKERN_CASTLE_DRIVER_H

#include "kernel/dev/driver.h"

/* The keys of kernel/appkern/options.h. */
#define APPLICATION_OPTION_COUNT 4
extern const struct driver_option application_option_table[APPLICATION_OPTION_COUNT];

/* Makes the device. 0 or a negative errno value. At boot. */
int apkern_register(void);

#endif
