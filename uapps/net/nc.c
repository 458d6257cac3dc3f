/*
 * nc: nc HOST PORT: connects, sends its standard input, and prints what comes; nc -l PORT: waits
 * for one connection instead; -u: datagrams.
 *
 * It ends when the other side has ended, and the standard input too.
 */
#include <err.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USAGE       "usage: nc [-u] HOST PORT | nc [-u] -l PORT"
#define BUFFER_SIZE 4096

static int is_datagrams, is_listening;

static int write_all(int fd, const char *bytes, ssize_t size)
{
	while (size > 0) {
		const ssize_t done = write(fd, bytes, size);
		if (done <= 0)
			return -1;
		bytes += done;
		size -= done;
	}
	return 0;
}

/* Moves what there is; false at the end. */
static int move(int from, int to)
{
	static char buffer[BUFFER_SIZE];
	const ssize_t size = read(from, buffer, sizeof buffer);

	if (size < 0)
		err(1, "read");
	if (size > 0 && write_all(to, buffer, size) != 0)
		err(1, "write");
	return size > 0;
}

static int converse(int fd)
{
	struct pollfd two[] = { { .fd = 0, .events = POLLIN }, { .fd = fd, .events = POLLIN } };

	while (two[1].fd >= 0) {
		if (poll(two, 2, -1) < 0)
			err(1, "poll");
		if (two[0].revents && !move(0, fd)) {
			two[0].fd = -1;
			if (is_datagrams)
				return 0;
			shutdown(fd, SHUT_WR);
		}
		if (two[1].revents && !move(fd, 1))
			two[1].fd = -1;
	}
	return 0;
}

static int accept_one(const struct addrinfo *here)
{
	const int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
	int fd;

	if (listener < 0)
		err(1, "socket");
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(listener, here->ai_addr, here->ai_addrlen) != 0 || listen(listener, 1) != 0)
		err(1, "listen");
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		err(1, "accept");
	close(listener);
	return fd;
}

/* The first datagram says who the other one is. */
static int meet_one(const struct addrinfo *here)
{
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in from;
	socklen_t size = sizeof from;
	char byte;

	if (fd < 0 || bind(fd, here->ai_addr, here->ai_addrlen) != 0)
		err(1, "bind");
	if (recvfrom(fd, &byte, 1, MSG_PEEK, (struct sockaddr *)&from, &size) < 0 ||
	    connect(fd, (struct sockaddr *)&from, size) != 0)
		err(1, "receive");
	return fd;
}

static int connect_to(const struct addrinfo *there)
{
	const int fd = socket(AF_INET, is_datagrams ? SOCK_DGRAM : SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, there->ai_addr, there->ai_addrlen) != 0)
		err(1, "connect");
	return fd;
}

int main(int argc, char **argv)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE };
	struct addrinfo *found;
	int option, error;

	while ((option = getopt(argc, argv, "lu")) != -1) {
		is_listening |= option == 'l';
		is_datagrams |= option == 'u';
		if (option == '?')
			errx(2, USAGE);
	}
	if (argc - optind != 2 - is_listening)
		errx(2, USAGE);
	error = getaddrinfo(is_listening ? NULL : argv[optind], argv[argc - 1], &hints, &found);
	if (error)
		errx(1, "%s: %s", argv[argc - 1], gai_strerror(error));
	if (!is_listening)
		return converse(connect_to(found));
	return converse(is_datagrams ? meet_one(found) : accept_one(found));
}
