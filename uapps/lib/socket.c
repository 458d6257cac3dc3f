/*
 * Sockets: files of /dev/socket, what is asked of which the kernel hands on to netd (castle/net.h).
 * A program's first socket has netd started, if it does not run: it is a dynamic process by that.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <castle/castle.h>
#include <castle/net.h>
#include "result.h"

#define SERVER       "netd"
#define TRIES        500 /* until it serves */
#define TRY_EVERY_NS 10000000

/* Castle's result of a call; a signal's handler may have it made again. */
static int call(int fd, struct castle_socket_call *call)
{
	return restartable(_REENT, CASTLE_CALL_ioctl, fd, CASTLE_SOCKET_CALL, address(call));
}

static int ask(int fd, uint32_t operation, uint32_t first, uint32_t second)
{
	struct castle_socket_call asked = { .operation = operation,
					    .arguments = { first, second } };

	return call(fd, &asked);
}

/* A fresh socket's descriptor. */
static int fresh(int flags)
{
	static const struct castle_message start = { .name = SERVER };
	const struct timespec pause = { .tv_nsec = TRY_EVERY_NS };
	int fd = open("/dev/socket", O_RDWR | flags);

	if (fd >= 0 || errno != ENETDOWN)
		return fd;
	if (castle_send(&start) < 0)
		return failure(ENETDOWN);
	for (int tries = 0; fd < 0 && errno == ENETDOWN && tries < TRIES; tries++) {
		nanosleep(&pause, NULL);
		fd = open("/dev/socket", O_RDWR | flags);
	}
	return fd;
}

/* Closes a socket that has come to nothing, and fails as what happened to it did. */
static int give_up(int fd)
{
	const int error = errno;

	close(fd);
	return failure(error);
}

int socket(int domain, int type, int protocol)
{
	const int flags = type & (SOCK_NONBLOCK | SOCK_CLOEXEC);
	int fd;

	type &= ~flags;
	if (domain != AF_INET)
		return failure(EAFNOSUPPORT);
	if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_RAW)
		return failure(EPROTONOSUPPORT);
	fd = fresh(flags);
	if (fd >= 0 && ask(fd, CASTLE_SOCKET_SOCKET, type, protocol) < 0)
		return give_up(fd);
	return fd;
}

static int with_address(int fd, uint32_t operation, const struct sockaddr *to, socklen_t size)
{
	const struct sockaddr_in *internet = (const struct sockaddr_in *)to;

	if (size < sizeof *internet)
		return failure(EINVAL);
	if (internet->sin_family != AF_INET)
		return failure(EAFNOSUPPORT);
	return ask(fd, operation, internet->sin_addr.s_addr, internet->sin_port);
}

int bind(int fd, const struct sockaddr *to, socklen_t size)
{
	return with_address(fd, CASTLE_SOCKET_BIND, to, size);
}

int listen(int fd, int backlog)
{
	return ask(fd, CASTLE_SOCKET_LISTEN, backlog, 0);
}

/* The connection is made, or has failed, when the socket is ready to be written to. */
int connect(int fd, const struct sockaddr *to, socklen_t size)
{
	int error;

	if (with_address(fd, CASTLE_SOCKET_CONNECT, to, size) == 0)
		return 0;
	if (errno != EINPROGRESS || fcntl(fd, F_GETFL) & O_NONBLOCK)
		return -1;
	if (result_of(castle_call3(CASTLE_CALL_ioctl, fd, CASTLE_SOCKET_WAIT,
				   CASTLE_READY_TO_WRITE | CASTLE_READY_ERROR)) < 0)
		return -1;
	error = ask(fd, CASTLE_SOCKET_GET_OPTION, SOL_SOCKET, SO_ERROR);
	return error > 0 ? failure(error) : error;
}

/* Fills what there is room for. */
static void fill(struct sockaddr *to, socklen_t *size, const uint32_t name[2])
{
	struct sockaddr_in internet = { .sin_family = AF_INET, .sin_port = name[1] };

	if (!to || !size)
		return;
	internet.sin_addr.s_addr = name[0];
	memcpy(to, &internet, *size < sizeof internet ? *size : sizeof internet);
	*size = sizeof internet;
}

int accept4(int fd, struct sockaddr *to, socklen_t *size, int flags)
{
	struct castle_socket_call asked = { .operation = CASTLE_SOCKET_ACCEPT };
	const int number = call(fd, &asked);
	int accepted;

	if (number < 0)
		return -1;
	accepted = fresh(flags);
	if (accepted < 0)
		return -1;
	if (ask(accepted, CASTLE_SOCKET_ADOPT, number, 0) < 0)
		return give_up(accepted);
	fill(to, size, asked.arguments);
	return accepted;
}

int accept(int fd, struct sockaddr *to, socklen_t *size)
{
	return accept4(fd, to, size, 0);
}

static int call_flags(int flags)
{
	return flags & MSG_DONTWAIT ? CASTLE_SOCKET_NOWAIT : 0;
}

static ssize_t send_some(int fd, const void *data, size_t size, int flags, const uint32_t to[2])
{
	struct castle_socket_call asked = {
		.operation = CASTLE_SOCKET_SEND,
		.flags = call_flags(flags),
		.arguments = { to[0], to[1] },
		.data = address(data),
		.size = size < CASTLE_SOCKET_DATA ? size : CASTLE_SOCKET_DATA,
	};

	return call(fd, &asked);
}

/* A stream takes all of it, in pieces, unless something comes between. */
static ssize_t send_all(int fd, const char *data, size_t size, int flags, const uint32_t to[2])
{
	size_t done = 0;

	do {
		const ssize_t some = send_some(fd, data + done, size - done, flags, to);
		if (some < 0)
			return done ? (ssize_t)done : -1;
		done += some;
	} while (done < size);
	return done;
}

ssize_t sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *to,
	       socklen_t to_size)
{
	const struct sockaddr_in *internet = (const struct sockaddr_in *)to;
	uint32_t name[2] = { 0, 0 };

	if (internet) {
		if (to_size < sizeof *internet || internet->sin_family != AF_INET)
			return failure(EINVAL);
		if (size > CASTLE_SOCKET_DATA)
			return failure(EMSGSIZE);
		name[0] = internet->sin_addr.s_addr;
		name[1] = internet->sin_port;
	}
	return send_all(fd, data, size, flags, name);
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
	return sendto(fd, data, size, flags, NULL, 0);
}

static ssize_t receive_some(int fd, void *data, size_t size, int flags, struct sockaddr *from,
			    socklen_t *from_size)
{
	struct castle_socket_call asked = {
		.operation = CASTLE_SOCKET_RECEIVE,
		.flags = call_flags(flags),
		.arguments = { size, flags & MSG_PEEK },
		.answer_data = address(data),
		.answer_size = size,
	};
	const ssize_t received = call(fd, &asked);

	if (received >= 0)
		fill(from, from_size, asked.arguments);
	return received;
}

ssize_t recvfrom(int fd, void *data, size_t size, int flags, struct sockaddr *from,
		 socklen_t *from_size)
{
	size_t done = 0;

	do {
		const ssize_t some =
			receive_some(fd, (char *)data + done, size - done, flags, from, from_size);
		if (some < 0)
			return done ? (ssize_t)done : -1;
		if (some == 0)
			break;
		done += some;
	} while (flags & MSG_WAITALL && done < size);
	return done;
}

ssize_t recv(int fd, void *data, size_t size, int flags)
{
	return recvfrom(fd, data, size, flags, NULL, NULL);
}

int shutdown(int fd, int how)
{
	return ask(fd, CASTLE_SOCKET_SHUTDOWN, how, 0);
}

int getsockopt(int fd, int level, int option, void *value, socklen_t *size)
{
	const int result = ask(fd, CASTLE_SOCKET_GET_OPTION, level, option);

	if (result < 0)
		return -1;
	if (*size < sizeof result)
		return failure(EINVAL);
	memcpy(value, &result, sizeof result);
	*size = sizeof result;
	return 0;
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
	struct castle_socket_call asked = { .operation = CASTLE_SOCKET_SET_OPTION,
					    .arguments = { level, option } };

	if (size < sizeof asked.arguments[2])
		return failure(EINVAL);
	if (level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO))
		return failure(ENOPROTOOPT); /* poll() has time-outs */
	memcpy(&asked.arguments[2], value, sizeof asked.arguments[2]);
	return call(fd, &asked) < 0 ? -1 : 0;
}

static int name_of(int fd, uint32_t operation, struct sockaddr *name, socklen_t *size)
{
	struct castle_socket_call asked = { .operation = operation };

	if (call(fd, &asked) < 0)
		return -1;
	fill(name, size, asked.arguments);
	return 0;
}

int getsockname(int fd, struct sockaddr *name, socklen_t *size)
{
	return name_of(fd, CASTLE_SOCKET_NAME, name, size);
}

int getpeername(int fd, struct sockaddr *name, socklen_t *size)
{
	return name_of(fd, CASTLE_SOCKET_PEER, name, size);
}
