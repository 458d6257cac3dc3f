/*
 * Sockets, between the program that has one open and the process that serves them all.
 */
#ifndef KERNEL_NET_SOCKET_H
#define KERNEL_NET_SOCKET_H

#include <castle/net.h>
#include <stdbool.h>
#include "kernel/fs/file.h"
#include "kernel/lib/list.h"
#include "kernel/sched/wait_queue.h"

/* What becomes of a request. One at a time for each socket. */
enum request_state {
	REQUEST_NONE,
	REQUEST_POSTED,   /* in the queue of the serving process */
	REQUEST_TAKEN,    /* that has read it */
	REQUEST_ANSWERED, /* the answer waits for the caller */
};

struct socket {
	uint32_t name; /* what the serving process calls it: its place in the table, and a count */
	enum request_state state;
	bool closed;     /* no file any more; gone when the serving process has been told */
	bool broken;     /* the process that served it has ended */
	bool abandoned;  /* a signal has taken the caller away from its request */
	uint32_t caller; /* thread */
	uint32_t ready;  /* CASTLE_READY_* */
	struct castle_socket_request request;
	int32_t result;
	uint8_t *data; /* CASTLE_SOCKET_DATA bytes: the request's, then the answer's */
	struct list queue;
	struct wait_queue callers; /* for the answer, or for their turn */
	struct wait_queue pollers; /* for `ready` */
};

/* A closed socket's file is gone; NULL: there is none of that name. Caller holds driver. */
struct socket *socket_named(uint32_t name);

/* The oldest request that nobody has taken, NULL: there is none. Caller holds driver. */
struct socket *socket_request_first(void);

/*
 * The request has been taken; its socket waits for the answer, or is gone, if it was closed. Caller
 * holds driver; frees the socket, perhaps.
 */
void socket_request_taken(struct socket *socket);

/* What could be done without waiting has changed. Caller holds driver. */
void socket_set_ready(struct socket *socket, uint32_t ready);

/*
 * A process serves sockets from now on; or no more: all there are, are broken. Caller holds driver.
 */
void sockets_serve(void);
void sockets_break(void);

/* Makes /dev/netd; 0 or an error. At boot. */
int server_register(void);

#endif
