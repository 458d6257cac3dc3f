/*
 * Frames of a peer on the host (tests/net/run), without netd: what comes while nobody reads, and
 * what is no frame. The peer's frames have a type of their own, a number, and bytes that follow
 * from it.
 */
#include "common/tap.h"

#include <castle/net.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TYPE_HIGH   0x88
#define TYPE_LOW    0xb5 /* for local experiments (IEEE 802) */
#define HEADER      16   /* addresses, type, number */
#define FRAMES      200
#define RING        60 /* at least so many are kept */
#define SILENCE_MS  3000
#define SLEEP_TICKS 2

static unsigned char frame[CASTLE_FRAME_MAX];

/* Tells the peer to begin with the next round. */
static void say(int fd, unsigned char round)
{
	memset(frame, 0, 60);
	memset(frame, 0xff, 6);
	frame[12] = TYPE_HIGH;
	frame[13] = TYPE_LOW;
	frame[14] = round;
	ok_is(write(fd, frame, 60), 60, "a frame to the peer");
}

/* The number of the peer's frame, -1: it is not what was sent. */
static int number_of(ssize_t size)
{
	const int number = frame[14] << 8 | frame[15];

	if (size < HEADER || frame[12] != TYPE_HIGH || frame[13] != TYPE_LOW)
		return -1;
	for (ssize_t i = HEADER; i < size; i++)
		if (frame[i] != (unsigned char)(number + i))
			return -1;
	return number;
}

/* How many frames came, each a later one than that before. */
static void receive(int fd, int least)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };
	int last = -1, count = 0, wrong = 0;

	while (last != FRAMES - 1 && poll(&one, 1, SILENCE_MS) == 1) {
		const int number = number_of(read(fd, frame, sizeof frame));
		wrong += number <= last;
		last = number;
		count++;
	}
	ok_is(wrong, 0, "each frame is whole, and later than the one before");
	ok(count >= least && count <= FRAMES, "%d frames came", count);
}

int main(void)
{
	const int fd = open("/dev/eth0", O_RDWR | O_NONBLOCK);
	struct castle_ethernet_info info;

	ok(fd >= 0, "the card");
	say(fd, 1);
	sleep(SLEEP_TICKS); /* the ring fills */
	receive(fd, RING);
	say(fd, 2);
	receive(fd, RING);
	ok_is(ioctl(fd, CASTLE_ETHERNET_INFO, &info), 0, "what the card says");
	ok(info.received >= 2 * RING, "it has counted them");
	close(fd);
	return done_testing();
}
