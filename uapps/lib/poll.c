/*
 * Waiting for one of several descriptors: poll() and select(). The kernel says what a descriptor
 * could do now; whoever waits looks again on each tick of the system timer, so a wait costs a
 * hundred looks a second and ends up to 10 ms late.
 */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>
#include "result.h"

#define MILLISECONDS_PER_SECOND 1000
#define NANOSECONDS_PER_MS      1000000
#define TICK_MS                 10
#define FOREVER                 (-1)

_Static_assert(POLLIN == CASTLE_READY_TO_READ && POLLOUT == CASTLE_READY_TO_WRITE &&
		       POLLERR == CASTLE_READY_ERROR && POLLHUP == CASTLE_READY_HANG_UP,
	       "poll() hands the kernel's bits through");

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * MILLISECONDS_PER_SECOND + now.tv_nsec / NANOSECONDS_PER_MS;
}

/* Looks once; how many of the descriptors have something to say. */
static int look(struct pollfd *descriptors, nfds_t count)
{
	int found = 0;

	for (nfds_t i = 0; i < count; i++) {
		struct pollfd *one = &descriptors[i];
		one->revents = 0;
		if (one->fd < 0)
			continue;
		const int32_t ready = castle_call1(CASTLE_CALL_ready, one->fd);
		if (ready < 0)
			one->revents = POLLNVAL;
		else
			one->revents = ready & (one->events | POLLERR | POLLHUP);
		found += one->revents != 0;
	}
	return found;
}

int poll(struct pollfd *descriptors, nfds_t count, int timeout)
{
	const struct timespec tick = { .tv_nsec = TICK_MS * NANOSECONDS_PER_MS };
	const long long end = timeout > 0 ? now_ms() + timeout : 0;

	for (;;) {
		const int found = look(descriptors, count);
		if (found || timeout == 0 || (timeout > 0 && now_ms() >= end))
			return found;
		if (nanosleep(&tick, NULL) != 0)
			return -1; /* a signal: EINTR */
	}
}

/* What select() asks of one descriptor, as poll()'s events. */
static short events_of(int fd, const fd_set *read, const fd_set *write)
{
	return (read && FD_ISSET(fd, read) ? POLLIN : 0) |
	       (write && FD_ISSET(fd, write) ? POLLOUT : 0);
}

/* Takes out of the set those that are not ready; how many are. */
static int keep_ready(fd_set *set, const struct pollfd *descriptors, int count, short ready)
{
	int kept = 0;

	for (int i = 0; set && i < count; i++) {
		if (!FD_ISSET(descriptors[i].fd, set))
			continue;
		if (descriptors[i].revents & ready)
			kept++;
		else
			FD_CLR(descriptors[i].fd, set);
	}
	return kept;
}

static int select_ms(int limit, fd_set *read, fd_set *write, fd_set *exceptions, int timeout)
{
	struct pollfd descriptors[FD_SETSIZE];
	int count = 0;

	if (limit < 0 || limit > FD_SETSIZE)
		return failure(EINVAL);
	for (int fd = 0; fd < limit; fd++) {
		const short events = events_of(fd, read, write);
		if (events)
			descriptors[count++] = (struct pollfd){ .fd = fd, .events = events };
	}
	if (poll(descriptors, count, timeout) < 0)
		return -1;
	for (int i = 0; i < count; i++)
		if (descriptors[i].revents & POLLNVAL)
			return failure(EBADF);
	if (exceptions)
		FD_ZERO(exceptions);
	return keep_ready(read, descriptors, count, POLLIN | POLLHUP | POLLERR) +
	       keep_ready(write, descriptors, count, POLLOUT | POLLERR);
}

int select(int limit, fd_set *read, fd_set *write, fd_set *exceptions, struct timeval *timeout)
{
	return select_ms(limit, read, write, exceptions,
			 timeout ? timeout->tv_sec * MILLISECONDS_PER_SECOND +
					   (timeout->tv_usec + 999) / 1000
				 : FOREVER);
}

/* The mask is set before and put back after: a signal in between ends the wait with the next tick.
 */
int pselect(int limit, fd_set *read, fd_set *write, fd_set *exceptions,
	    const struct timespec *timeout, const sigset_t *mask)
{
	sigset_t before;
	int result;

	if (mask)
		sigprocmask(SIG_SETMASK, mask, &before);
	result = select_ms(limit, read, write, exceptions,
			   timeout ? timeout->tv_sec * MILLISECONDS_PER_SECOND +
					     (timeout->tv_nsec + NANOSECONDS_PER_MS - 1) /
						     NANOSECONDS_PER_MS
				   : FOREVER);
	if (mask)
		sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}
