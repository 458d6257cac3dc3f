/*
 * Links over a socket.
 */
#include "wires.h"

#include <err.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <castle/net.h>
#include "wake.h"

uint64_t wires_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint32_t wires_incarnation(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return ((uint32_t)now.tv_sec << 4 | (now.tv_nsec >> 26)) & 0x7fffffff;
}

void wires_look(struct wires *wires)
{
	for (uint32_t i = 0; i < LINK_NETWORKS; i++) {
		struct castle_interface one = { .address = 0 };
		struct castle_socket_call call = { .operation = CASTLE_SOCKET_INTERFACE,
						   .arguments = { i },
						   .answer_data = (uint32_t)&one,
						   .answer_size = sizeof one };
		const bool is_up = ioctl(wires->socket, CASTLE_SOCKET_CALL, &call) >= 0 && one.up;

		wires->networks[i].address = is_up ? one.address : 0;
		wires->networks[i].mask = one.mask;
	}
}

static void send_datagram(struct link *link, unsigned network, const void *bytes, unsigned size)
{
	const struct wires *wires = link->owner;
	const struct network *over = &wires->networks[network];
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(wires->port) };

	if (!over->address)
		return;
	to.sin_addr.s_addr = (over->address & over->mask) | htonl(link->peer);
	sendto(wires->socket, bytes, size, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof to);
}

struct link *wires_link(struct wires *wires, uint32_t node)
{
	struct link *link;

	if (node < 1 || node > wires->count || node == wires->own)
		return NULL;
	if (wires->links[node])
		return wires->links[node];
	link = malloc(sizeof *link);
	if (!link)
		err(1, "link");
	link_begin(link, wires->own, node, wires->incarnation);
	link->owner = wires;
	link->send = send_datagram;
	link->lost = wires->lost;
	wires->links[node] = link;
	return link;
}

static unsigned network_of(const struct wires *wires, in_addr_t from)
{
	for (unsigned i = 0; i < LINK_NETWORKS; i++)
		if (wires->networks[i].address &&
		    !((wires->networks[i].address ^ from) & wires->networks[i].mask))
			return i;
	return 0;
}

/* Its thread: what has come waits for the main thread. What finds no room is lost, as on the way.
 */
static void *receive_all(void *argument)
{
	struct wires *wires = argument;
	struct sockaddr_in from;
	socklen_t length = sizeof from;

	for (;;) {
		const uint32_t came = wires->came;
		struct datagram *one = &wires->datagrams[came % WIRES_DATAGRAMS];
		const ssize_t size = recvfrom(wires->socket, one->bytes, sizeof one->bytes, 0,
					      (struct sockaddr *)&from, &length);
		if (size < 0)
			continue;
		one->size = size;
		one->from = from.sin_addr.s_addr;
		/* One place stays free, since the next datagram is received there. */
		if (came - __atomic_load_n(&wires->taken, __ATOMIC_ACQUIRE) < WIRES_DATAGRAMS - 1)
			__atomic_store_n(&wires->came, came + 1, __ATOMIC_RELEASE);
		wake();
	}
	return NULL;
}

void wires_receive(struct wires *wires)
{
	for (; __atomic_load_n(&wires->came, __ATOMIC_ACQUIRE) != wires->taken;
	     __atomic_fetch_add(&wires->taken, 1, __ATOMIC_RELEASE)) {
		const struct datagram *one = &wires->datagrams[wires->taken % WIRES_DATAGRAMS];
		const struct link_header *header = (const void *)one->bytes;
		struct link *link =
			one->size >= sizeof *header ? wires_link(wires, header->from) : NULL;
		if (link)
			link_receive(link, network_of(wires, one->from), one->bytes, one->size,
				     wires_now());
	}
}

bool wires_tick(struct wires *wires)
{
	bool is_busy = false;

	for (uint32_t i = 1; i <= wires->count; i++) {
		if (!wires->links[i])
			continue;
		link_tick(wires->links[i], wires_now());
		is_busy |= link_room(wires->links[i]) < LINK_WINDOW;
	}
	return is_busy;
}

void wires_open(struct wires *wires)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(wires->port) };
	pthread_t thread;

	wires->socket = socket(AF_INET, SOCK_DGRAM, 0);
	if (wires->socket < 0 || bind(wires->socket, (struct sockaddr *)&here, sizeof here) != 0)
		err(1, "port %d", wires->port);
	wires_look(wires);
	if (pthread_create(&thread, NULL, receive_all, wires) != 0)
		err(1, "thread");
}
