/*
 * Device requests; those of the console are in castle/abi.h.
 */
#ifndef CASTLE_SYS_IOCTL_H
#define CASTLE_SYS_IOCTL_H

/* The size of a terminal, which the console does not know: ENOTTY. */
#define TIOCGWINSZ 0x4310

struct winsize {
	unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel;
};

#ifdef __cplusplus
extern "C" {
#endif

/* Returns what the device answers, or -1 with errno set: ENOTTY if it does not know the request. */
int ioctl(int fd, unsigned long request, ...);

#ifdef __cplusplus
}
#endif

#endif
