/*
 * Requests of programs, through /dev/netd (castle/net.h).
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "netd.h"

#define REQUESTS_A_TURN 32 /* then frames again */

static int device;

void requests_open(void)
{
	device = open("/dev/netd", O_RDWR);
	if (device < 0 && errno == EBUSY)
		_exit(0); /* another one was faster */
	if (device < 0)
		err(1, "/dev/netd");
	fcntl(device, F_SETFD, FD_CLOEXEC);
}

static void answer(struct exchange *exchange)
{
	struct castle_socket_answer *head = &exchange->answer;
	const struct socket *socket = socket_of(head->socket);

	head->ready = socket ? socket->ready : 0;
	write(device, head, sizeof *head + head->size);
}

_Static_assert(offsetof(struct exchange, answer_data) ==
		       offsetof(struct exchange, answer) + sizeof(struct castle_socket_answer),
	       "an answer and its data are written at once");
_Static_assert(offsetof(struct exchange, data) == sizeof(struct castle_socket_request),
	       "a request and its data are read at once");

int requests_do(void)
{
	static struct exchange exchange;
	int count = 0;

	while (count < REQUESTS_A_TURN &&
	       read(device, &exchange.request, sizeof exchange.request + sizeof exchange.data) >
		       0) {
		memset(&exchange.answer, 0, sizeof exchange.answer);
		exchange.answer.socket = exchange.request.socket;
		exchange.later = false;
		socket_request(&exchange);
		if (!exchange.later)
			answer(&exchange);
		count++;
	}
	return count;
}

void answer_later(uint32_t socket, int32_t result, uint32_t argument)
{
	struct castle_socket_answer head = { .socket = socket, .result = result };

	head.arguments[0] = argument;
	write(device, &head, sizeof head);
}

void ready_tell(uint32_t socket, uint32_t ready)
{
	struct castle_socket_ready change = { .socket = socket, .ready = ready };

	ioctl(device, CASTLE_NETD_READY, &change);
}

void requests_wait(uint32_t milliseconds)
{
	ioctl(device, CASTLE_NETD_WAIT, (void *)(uintptr_t)milliseconds);
}
