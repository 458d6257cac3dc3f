/*
 * ping: ping HOST [COUNT]: asks another machine for an echo once a second, COUNT times (4), and
 * says how long each took.
 *
 * The status is 0 if all came back, 1 if some were lost.
 */
#include <err.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ECHO_REPLY   0
#define ECHO_REQUEST 8
#define DATA_SIZE    56
#define WAIT_MS      1000
#define IP_LENGTH    0x0f /* of the first byte: in words */

struct echo {
	uint8_t type, code;
	uint16_t sum, identifier, sequence;
	uint8_t data[DATA_SIZE];
};

/* RFC 1071. */
static uint16_t sum_of(const void *bytes, size_t size)
{
	const uint16_t *word = bytes;
	uint32_t sum = 0;

	for (size_t i = 0; i < size / 2; i++)
		sum += word[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static void send_echo(int fd, uint16_t sequence)
{
	struct echo echo = { .type = ECHO_REQUEST,
			     .identifier = htons(getpid()),
			     .sequence = htons(sequence) };

	for (int i = 0; i < DATA_SIZE; i++)
		echo.data[i] = i + sequence;
	echo.sum = sum_of(&echo, sizeof echo);
	if (send(fd, &echo, sizeof echo, 0) < 0)
		warn("send");
}

/* Whether the packet, its IP header in front, is what was sent, come back. */
static int is_reply(const uint8_t *packet, ssize_t size, uint16_t sequence)
{
	const ssize_t header = (packet[0] & IP_LENGTH) * 4;
	struct echo echo;

	if (size < header + (ssize_t)sizeof echo)
		return 0;
	memcpy(&echo, packet + header, sizeof echo);
	if (echo.type != ECHO_REPLY || echo.identifier != htons(getpid()) ||
	    echo.sequence != htons(sequence))
		return 0;
	for (int i = 0; i < DATA_SIZE; i++)
		if (echo.data[i] != (uint8_t)(i + sequence))
			return 0;
	return sum_of(&echo, sizeof echo) == 0;
}

static int wait_for_reply(int fd, uint16_t sequence)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };
	const long long end = now_us() + WAIT_MS * 1000;
	uint8_t packet[2048];

	for (;;) {
		const int left = (end - now_us()) / 1000;
		if (left <= 0 || poll(&one, 1, left) <= 0)
			return 0;
		if (is_reply(packet, recv(fd, packet, sizeof packet, 0), sequence))
			return 1;
	}
}

static int ask(int fd, uint16_t sequence)
{
	const long long start = now_us();
	long long took;

	send_echo(fd, sequence);
	if (!wait_for_reply(fd, sequence)) {
		printf("%u: nothing in a second\n", sequence);
		return 0;
	}
	took = now_us() - start;
	printf("%u: %lld.%03lld ms\n", sequence, took / 1000, took % 1000);
	return 1;
}

int main(int argc, char **argv)
{
	struct addrinfo *found;
	int back = 0, count, fd, error;

	if (argc < 2 || argc > 3)
		errx(2, "usage: ping HOST [COUNT]");
	count = argc > 2 ? atoi(argv[2]) : 4;
	error = getaddrinfo(argv[1], NULL, NULL, &found);
	if (error)
		errx(2, "%s: %s", argv[1], gai_strerror(error));
	fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) != 0)
		err(2, "%s", argv[1]);
	for (int i = 1; i <= count; i++) {
		const int came = ask(fd, i);
		back += came;
		if (came && i < count)
			sleep(1);
	}
	printf("%d sent, %d came back\n", count, back);
	return back != count;
}
