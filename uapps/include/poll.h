/*
 * Waiting for one of several descriptors: POSIX's <poll.h>.
 */
#ifndef CASTLE_POLL_H
#define CASTLE_POLL_H

#define POLLIN     0x01
#define POLLPRI    0x02
#define POLLOUT    0x04
#define POLLERR    0x08
#define POLLHUP    0x10
#define POLLNVAL   0x20
#define POLLRDNORM POLLIN
#define POLLWRNORM POLLOUT

typedef unsigned int nfds_t;

struct pollfd {
	int fd;
	short events;
	short revents;
};

#ifdef __cplusplus
extern "C" {
#endif

/* Looks a hundred times a second; `timeout` is in milliseconds, negative: for ever. */
int poll(struct pollfd *descriptors, nfds_t count, int timeout);

#ifdef __cplusplus
}
#endif

#endif
