/*
 * Sockets among programs of one machine, and what a program may not do with cards, sockets and the
 * process that serves them.
 */
#include "common/tap.h"

#include <arpa/inet.h>
#include <castle/castle.h>
#include <castle/net.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PORT           7000
#define BULK           300000
#define BAD            ((void *)16)
#define CARD           "/dev/eth0"
#define CALL(fd, call) castle_call3(CASTLE_CALL_ioctl, fd, CASTLE_SOCKET_CALL, (uint32_t)(call))

static struct sockaddr *local(uint16_t port)
{
	static struct sockaddr_in address;

	address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return (struct sockaddr *)&address;
}
#define LOCAL(port) local(port), sizeof(struct sockaddr_in)

static unsigned char byte_at(unsigned position)
{
	return position * 7 + position / 251;
}

/* In the child: sends, and wants the same back. */
static int send_bulk(void)
{
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	static unsigned char bytes[BULK];
	unsigned char end;

	for (unsigned i = 0; i < BULK; i++)
		bytes[i] = byte_at(i);
	if (connect(fd, LOCAL(PORT)) != 0 || send(fd, bytes, BULK, 0) != BULK)
		return 1;
	if (shutdown(fd, SHUT_WR) != 0)
		return 2;
	if (recv(fd, bytes, BULK, MSG_WAITALL) != BULK || recv(fd, &end, 1, 0) != 0)
		return 3;
	for (unsigned i = 0; i < BULK; i++)
		if (bytes[i] != byte_at(i))
			return 4;
	return 0;
}

static int child_status(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return status;
}

/* Keeps all, and sends it back when the other side has ended. */
static unsigned echo(int fd)
{
	static char bytes[BULK];
	unsigned length = 0;
	ssize_t size;

	while (length < BULK && (size = read(fd, bytes + length, BULK - length)) > 0)
		length += size;
	if (read(fd, bytes, 1) != 0)
		return 0;
	return send(fd, bytes, length, 0) == (ssize_t)length ? length : 0;
}

static void test_stream(void)
{
	const int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in name;
	socklen_t size = sizeof name;
	pid_t child;
	int fd;

	ok(listener >= 0, "a socket");
	ok_is(bind(listener, LOCAL(PORT)), 0, "bind");
	ok_is(listen(listener, 4), 0, "listen");
	child = fork();
	if (child == 0)
		_exit(send_bulk());
	fd = accept(listener, (struct sockaddr *)&name, &size);
	ok(fd >= 0, "accept");
	ok_is(name.sin_addr.s_addr, htonl(INADDR_LOOPBACK), "from where");
	ok_is(getsockname(fd, (struct sockaddr *)&name, &size), 0, "getsockname");
	ok_is(ntohs(name.sin_port), PORT, "its port");
	ok_is(echo(fd), BULK, "all that was sent comes, and goes back");
	ok_is(close(fd), 0, "close");
	ok_is(child_status(child), 0, "the other side has got it back as it was");
	close(listener);
}

static void test_refused(void)
{
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	char byte;

	ok_errno(connect(fd, LOCAL(PORT + 1)), ECONNREFUSED, "nobody listens");
	close(fd);
	ok_errno(socket(AF_INET6, SOCK_STREAM, 0), EAFNOSUPPORT, "no version 6");
	const int plain = socket(AF_INET, SOCK_STREAM, 0);
	ok_errno(recv(plain, &byte, 1, 0), ENOTCONN, "not connected: nothing to receive");
	ok_errno(send(plain, "x", 1, 0), ENOTCONN, "nor to send to");
	ok_errno(accept(plain, NULL, NULL), EINVAL, "nor to accept");
	ok_errno(bind(plain, local(PORT), 8), EINVAL, "half an address");
	close(plain);
}

static void test_waiting(void)
{
	const int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct pollfd one = { .fd = listener, .events = POLLIN };

	bind(listener, LOCAL(PORT + 2));
	listen(listener, 1);
	ok_is(poll(&one, 1, 20), 0, "nobody has come");
	fcntl(listener, F_SETFL, O_NONBLOCK);
	ok_errno(accept(listener, NULL, NULL), EAGAIN, "O_NONBLOCK accept");
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	ok_is(connect(fd, LOCAL(PORT + 2)), 0, "connects before it is accepted");
	ok_is(poll(&one, 1, 5000), 1, "poll tells of it");
	const int other = accept(listener, NULL, NULL);
	char byte = 0;
	ok_errno(recv(other, &byte, 1, MSG_DONTWAIT), EAGAIN, "nothing has been sent");
	ok_is(write(fd, "a", 1), 1, "write");
	ok_is(recv(other, &byte, 1, MSG_PEEK), 1, "look");
	ok_is(read(other, &byte, 1), 1, "read");
	ok_is(byte, 'a', "what was written");
	close(fd);
	ok_is(read(other, &byte, 1), 0, "the end");
	close(other);
	close(listener);
}

/* A program that does not read stops who sends; nothing is lost by it. */
static void test_full(void)
{
	const int listener = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
	static char bytes[4096];
	unsigned sent = 0, came = 0;
	ssize_t size;

	bind(listener, LOCAL(PORT + 3));
	listen(listener, 1);
	connect(fd, LOCAL(PORT + 3));
	const int other = accept(listener, NULL, NULL);
	struct pollfd one = { .fd = fd, .events = POLLOUT };
	while (poll(&one, 1, 300) == 1 && (size = send(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
		sent += size;
	ok(sent > 20000 && sent < 1000000, "a sender is stopped");
	close(fd);
	while ((size = read(other, bytes, sizeof bytes)) > 0)
		came += size;
	ok_is(came, sent, "what it had sent comes all the same");
	close(other);
	close(listener);
}

static void on_alarm(int number)
{
	(void)number;
}

static void test_interrupted(void)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);
	char byte;

	sigaction(SIGALRM, &action, NULL);
	bind(fd, LOCAL(PORT + 4));
	alarm(1);
	ok_errno(recv(fd, &byte, 1, 0), EINTR, "a signal ends a wait");
	close(fd);
}

static void test_datagrams(void)
{
	const int one = socket(AF_INET, SOCK_DGRAM, 0), two = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in from;
	socklen_t size = sizeof from;
	char bytes[8];

	ok_is(bind(one, LOCAL(PORT)), 0, "bind");
	ok_errno(bind(two, LOCAL(PORT)), EADDRINUSE, "the port is taken");
	ok_errno(send(two, "x", 1, 0), EDESTADDRREQ, "to nobody");
	ok_is(sendto(two, "first", 5, 0, LOCAL(PORT)), 5, "a datagram");
	ok_is(sendto(two, "second", 6, 0, LOCAL(PORT)), 6, "another one");
	ok_is(recvfrom(one, bytes, 3, 0, (struct sockaddr *)&from, &size), 3, "what is asked for");
	ok_is(recv(one, bytes, sizeof bytes, 0), 6, "the rest of the first is gone");
	ok(memcmp(bytes, "second", 6) == 0, "the second is whole");
	ok_is(connect(one, (struct sockaddr *)&from, size), 0, "connect");
	ok_is(send(one, "back", 4, 0), 4, "back to the sender");
	ok_is(recv(two, bytes, sizeof bytes, 0), 4, "it comes");
	close(one);
	close(two);
}

static void test_names(void)
{
	struct addrinfo *found;
	struct in_addr address;

	ok_is(inet_aton("10.0.2.256", &address), 0, "no address");
	ok_is(inet_aton("10.0.2", &address), 0, "nor this");
	ok_is(inet_addr("10.0.2.15"), htonl(0x0a00020f), "an address");
	ok_is(getaddrinfo("127.0.0.1", "80", NULL, &found), 0, "getaddrinfo");
	ok_is(((struct sockaddr_in *)found->ai_addr)->sin_port, htons(80), "with its port");
	freeaddrinfo(found);
	ok_is(getaddrinfo("127.0.0.1", "http", NULL, &found), EAI_SERVICE, "no names of ports");
}

/* What the kernel does not take from a program that has a socket. */
static void test_bad_calls(void)
{
	struct castle_socket_call call = { .operation = CASTLE_SOCKET_CLOSED };
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	ok_is(CALL(fd, &call), -EINVAL, "the kernel's own operation");
	call.operation = CASTLE_SOCKET_OPERATIONS;
	ok_is(CALL(fd, &call), -EINVAL, "no operation");
	call = (struct castle_socket_call){ .operation = CASTLE_SOCKET_SEND, .size = 4097 };
	ok_is(CALL(fd, &call), -EINVAL, "more than a page");
	call.size = 100;
	call.data = 16;
	ok_is(CALL(fd, &call), -EFAULT, "data that is not there");
	ok_is(CALL(fd, BAD), -EFAULT, "a call that is not there");
	ok_is(castle_call3(CASTLE_CALL_ioctl, fd, 0x1234, 0), -EINVAL, "no such request");
	call = (struct castle_socket_call){ .operation = CASTLE_SOCKET_ADOPT, .arguments = { 1 } };
	ok_is(CALL(open("/dev/socket", O_RDWR), &call), -EINVAL, "a connection that is not ours");
	ok_errno(open("/dev/netd", O_RDWR), EBUSY, "another server");
	close(fd);
}

/* How many connections come and go while memory stays as it is. */
static void test_many(void)
{
	int fd[64], opened = 0;

	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 64; i++)
			opened +=
				(fd[i] = socket(AF_INET, i % 2 ? SOCK_STREAM : SOCK_DGRAM, 0)) >= 0;
		for (int i = 0; i < 64; i++)
			close(fd[i]);
	}
	ok_is(opened, 640, "sockets come and go");
}

/* The card is netd's by now; what else is refused, test_card() has, before there is one. */
static void test_taken_card(void)
{
	ok_errno(open(CARD, O_RDWR), EBUSY, "a card is one process's");
}

static void test_card(void)
{
	const int fd = open(CARD, O_RDWR | O_NONBLOCK);
	static char frame[2000];

	ok(fd >= 0, "a card is a device");
	ok_errno(open(CARD, O_RDWR), EBUSY, "a card is open once");
	ok_errno(read(fd, frame, CASTLE_FRAME_MAX - 1), EINVAL, "room for less than a frame");
	ok_errno(write(fd, frame, CASTLE_FRAME_MIN - 1), EINVAL, "less than a frame");
	ok_errno(write(fd, frame, CASTLE_FRAME_MAX + 1), EINVAL, "more than a frame");
	ok_errno(write(fd, BAD, 100), EFAULT, "a frame that is not there");
	ok_errno(ioctl(fd, CASTLE_ETHERNET_INFO, BAD), EFAULT, "room that is not there");
	ok_errno(ioctl(fd, 0x1234, 0), EINVAL, "no such request");
	memset(frame, 0xff, sizeof frame);
	int sent = 0;
	for (int i = 0; i < 500; i++)
		sent += write(fd, frame, CASTLE_FRAME_MAX) == CASTLE_FRAME_MAX || errno == EAGAIN;
	ok_is(sent, 500, "frames are taken, or there is no room");
	close(fd);
}

/* Requests of a process that serves, in the place of netd, and gives answers that mean nothing. */
static void serve_badly(void)
{
	struct castle_socket_answer answer = { .socket = 12345, .size = 5000 };
	struct castle_socket_request request;
	const int server = open("/dev/netd", O_RDWR);

	ok(server >= 0, "somebody else may serve");
	ok_errno(read(server, &request, sizeof request), EAGAIN, "no request");
	ok_errno(write(server, &answer, 4), EINVAL, "no whole answer");
	ok_errno(write(server, &answer, sizeof answer), EINVAL, "data that is not there");
	answer.size = 0;
	ok_is(write(server, &answer, sizeof answer), sizeof answer, "an answer to nobody");
	ok_errno(ioctl(server, CASTLE_NETD_WAIT, CASTLE_NETD_WAIT_MAX + 1), EINVAL, "too long");
	ok_is(ioctl(server, CASTLE_NETD_WAIT, 20), 0, "a short wait");
	const int fd = open("/dev/socket", O_RDWR);
	const pid_t child = fork();
	if (child == 0) {
		struct castle_socket_call call = { .operation = CASTLE_SOCKET_SOCKET };
		close(server);
		_exit(CALL(fd, &call) == -EIO && CALL(fd, &call) == -ECONNRESET ? 0 : 1);
	}
	ok_is(ioctl(server, CASTLE_NETD_WAIT, 10000), 0, "a request comes");
	ok_errno(read(server, &request, 8), EINVAL, "room for less");
	ok_is(read(server, &request, sizeof request), sizeof request, "it is there");
	ok_is(request.process, child, "the kernel says whose");
	answer.socket = request.socket;
	answer.result = -4096; /* what the kernel says to itself of a call that waits */
	ok_is(write(server, &answer, sizeof answer), sizeof answer, "a result that is none");
	ok_is(ioctl(server, CASTLE_NETD_WAIT, 10000), 0, "another request");
	close(server);
	ok_is(child_status(child), 0, "an error to the caller; and one when the server is gone");
	close(fd);
}

int main(void)
{
	/* Nobody serves yet. */
	test_card();
	serve_badly();
	/* Now netd is started. */
	test_stream();
	test_refused();
	test_waiting();
	test_full();
	test_interrupted();
	test_datagrams();
	test_names();
	test_bad_calls();
	test_many();
	test_taken_card();
	return done_testing();
}
