/*
 * Sockets of programs: which there are, and who does what is asked of them.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "lwip/dns.h"
#include "lwip/err.h"
#include "netd.h"

#define SOCKETS_MAX 256u /* the kernel's, too: a name is a place among them, and a count */

static struct socket *sockets[SOCKETS_MAX];

static const int errors[] = {
	[-ERR_MEM] = ENOBUFS,
	[-ERR_BUF] = ENOBUFS,
	[-ERR_TIMEOUT] = ETIMEDOUT,
	[-ERR_RTE] = EHOSTUNREACH,
	[-ERR_INPROGRESS] = EINPROGRESS,
	[-ERR_VAL] = EINVAL,
	[-ERR_WOULDBLOCK] = EAGAIN,
	[-ERR_USE] = EADDRINUSE,
	[-ERR_ALREADY] = EALREADY,
	[-ERR_ISCONN] = EISCONN,
	[-ERR_CONN] = ENOTCONN,
	[-ERR_IF] = ENETDOWN,
	[-ERR_ABRT] = ECONNABORTED,
	[-ERR_RST] = ECONNRESET,
	[-ERR_CLSD] = EPIPE,
	[-ERR_ARG] = EINVAL,
};

int error_of(int lwip)
{
	if (lwip >= 0)
		return 0;
	return -lwip < (int)(sizeof errors / sizeof *errors) ? -errors[-lwip] : -EIO;
}

struct socket *socket_of(uint32_t name)
{
	struct socket *socket = sockets[name % SOCKETS_MAX];

	return socket && socket->name == name ? socket : NULL;
}

static uint32_t ready_of(const struct socket *socket)
{
	switch (socket->kind) {
	case SOCKET_STREAM:
		return stream_ready(socket);
	case SOCKET_DATAGRAM:
	case SOCKET_RAW:
		return datagram_ready(socket);
	default:
		return CASTLE_READY_TO_WRITE | CASTLE_READY_HANG_UP;
	}
}

void socket_update(struct socket *socket)
{
	const uint32_t ready = ready_of(socket);

	if (!socket->name || ready == socket->ready)
		return;
	socket->ready = ready;
	ready_tell(socket->name, ready);
}

static void socket_close(struct socket *socket)
{
	if (!socket)
		return;
	sockets[socket->name % SOCKETS_MAX] = NULL;
	if (socket->kind == SOCKET_STREAM)
		stream_close(socket);
	else if (socket->kind != SOCKET_FRESH)
		datagram_close(socket);
	free(socket);
}

/* Of that name; made if a program has just opened it. NULL: no memory. */
static struct socket *socket_get(uint32_t name)
{
	struct socket *socket = socket_of(name);

	if (socket)
		return socket;
	socket = calloc(1, sizeof *socket);
	if (!socket)
		return NULL;
	socket->name = name;
	return sockets[name % SOCKETS_MAX] = socket;
}

static int socket_create(struct socket *socket, uint32_t type, uint32_t protocol)
{
	if (socket->kind != SOCKET_FRESH)
		return -EINVAL;
	if (type == SOCK_STREAM) {
		socket->kind = SOCKET_STREAM;
		return stream_create(socket);
	}
	socket->kind = type == SOCK_RAW ? SOCKET_RAW : SOCKET_DATAGRAM;
	return datagram_create(socket, protocol);
}

static void resolved(const char *name, const ip_addr_t *address, void *socket)
{
	(void)name;
	answer_later((uint32_t)(uintptr_t)socket, address ? 0 : -ENOENT,
		     address ? address->addr : 0);
}

static int resolve(struct exchange *exchange)
{
	char *name = (char *)exchange->data;
	ip_addr_t address;
	err_t error;

	name[exchange->request.size < 255 ? exchange->request.size : 255] = '\0';
	error = dns_gethostbyname(name, &address, resolved,
				  (void *)(uintptr_t)exchange->request.socket);
	exchange->later = error == ERR_INPROGRESS;
	exchange->answer.arguments[0] = address.addr;
	return error == ERR_OK ? 0 : -ENOENT;
}

static int show(struct exchange *exchange)
{
	struct castle_interface shown;
	const int error = interface_show(exchange->request.arguments[0], &shown);

	if (error)
		return error;
	memcpy(exchange->answer_data, &shown, sizeof shown);
	exchange->answer.size = sizeof shown;
	return 0;
}

/* What is asked of no socket in particular. */
static int general_request(struct socket *socket, struct exchange *exchange)
{
	const uint32_t *argument = exchange->request.arguments;

	switch (exchange->request.operation) {
	case CASTLE_SOCKET_SOCKET:
		return socket_create(socket, argument[0], argument[1]);
	case CASTLE_SOCKET_ADOPT:
		return socket->kind == SOCKET_FRESH
			       ? stream_adopt(socket, argument[0], exchange->request.process)
			       : -EINVAL;
	case CASTLE_SOCKET_RESOLVE:
		return resolve(exchange);
	case CASTLE_SOCKET_INTERFACE:
		return show(exchange);
	case CASTLE_SOCKET_SET_ADDRESS:
		return interface_set(argument);
	default:
		return -ENOTCONN;
	}
}

static int stream_receive_request(struct socket *socket, struct exchange *exchange)
{
	const uint32_t *argument = exchange->request.arguments;
	const uint32_t size = argument[0] < CASTLE_SOCKET_DATA ? argument[0] : CASTLE_SOCKET_DATA;
	const int count =
		stream_receive(socket, exchange->answer_data, size, argument[1] & MSG_PEEK);

	if (count > 0)
		exchange->answer.size = count;
	return count;
}

static int stream_request(struct socket *socket, struct exchange *exchange)
{
	const uint32_t *argument = exchange->request.arguments;

	switch (exchange->request.operation) {
	case CASTLE_SOCKET_BIND:
		return stream_bind(socket, argument[0], argument[1]);
	case CASTLE_SOCKET_CONNECT:
		return stream_connect(socket, argument[0], argument[1]);
	case CASTLE_SOCKET_LISTEN:
		return stream_listen(socket, argument[0]);
	case CASTLE_SOCKET_ACCEPT:
		return stream_accept(socket, exchange->request.process, exchange->answer.arguments);
	case CASTLE_SOCKET_SEND:
		return stream_send(socket, exchange->data, exchange->request.size);
	case CASTLE_SOCKET_RECEIVE:
		return stream_receive_request(socket, exchange);
	case CASTLE_SOCKET_SHUTDOWN:
		return stream_shutdown(socket, argument[0]);
	case CASTLE_SOCKET_GET_OPTION:
		return stream_option(socket, argument[0], argument[1], NULL);
	case CASTLE_SOCKET_SET_OPTION:
		return stream_option(socket, argument[0], argument[1], &argument[2]);
	case CASTLE_SOCKET_NAME:
	case CASTLE_SOCKET_PEER:
		return stream_name(socket, exchange->request.operation == CASTLE_SOCKET_PEER,
				   exchange->answer.arguments);
	default:
		return general_request(socket, exchange);
	}
}

static int datagram_request(struct socket *socket, struct exchange *exchange)
{
	const uint32_t *argument = exchange->request.arguments;

	switch (exchange->request.operation) {
	case CASTLE_SOCKET_BIND:
		return datagram_bind(socket, argument[0], argument[1]);
	case CASTLE_SOCKET_CONNECT:
		return datagram_connect(socket, argument[0], argument[1]);
	case CASTLE_SOCKET_SEND:
		return datagram_send(socket, exchange);
	case CASTLE_SOCKET_RECEIVE:
		return datagram_receive(socket, exchange, argument[1] & MSG_PEEK);
	case CASTLE_SOCKET_GET_OPTION:
	case CASTLE_SOCKET_SET_OPTION:
		return 0;
	case CASTLE_SOCKET_NAME:
	case CASTLE_SOCKET_PEER:
		return datagram_name(socket, exchange->request.operation == CASTLE_SOCKET_PEER,
				     exchange->answer.arguments);
	case CASTLE_SOCKET_LISTEN:
	case CASTLE_SOCKET_ACCEPT:
	case CASTLE_SOCKET_SHUTDOWN:
		return -EOPNOTSUPP;
	default:
		return general_request(socket, exchange);
	}
}

void socket_request(struct exchange *exchange)
{
	struct socket *socket;
	int result;

	if (exchange->request.operation == CASTLE_SOCKET_CLOSED) {
		socket_close(socket_of(exchange->request.socket));
		exchange->later = true; /* nobody is there to take an answer */
		return;
	}
	socket = socket_get(exchange->request.socket);
	if (!socket)
		result = -ENOMEM;
	else if (socket->kind == SOCKET_STREAM)
		result = stream_request(socket, exchange);
	else if (socket->kind == SOCKET_FRESH)
		result = general_request(socket, exchange);
	else
		result = datagram_request(socket, exchange);
	exchange->answer.result = result;
	if (socket)
		socket->ready = ready_of(socket);
}
