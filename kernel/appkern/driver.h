/*
 * /dev/apkern: the calls of Section 4.3.5, as the requests of castle/apkern.h.
 */
#ifndef KERNEL_APPKERN_DRIVER_H
#define KERNEL_APPKERN_DRIVER_H

/* Makes the device. 0 or a negative errno value. At boot. */
int apkern_register(void);

#endif
