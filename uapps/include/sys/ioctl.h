/*
 * Device requests; those of the console are in castle/abi.h.
 */
#ifndef CASTLE_SYS_IOCTL_H
#define CASTLE_SYS_IOCTL_H

#ifdef __cplusplus
extern "C" {
#endif

/* Returns what the device answers, or -1 with errno set: ENOTTY if it does not know the request. */
int ioctl(int fd, unsigned long request, ...);

#ifdef __cplusplus
}
#endif

#endif
