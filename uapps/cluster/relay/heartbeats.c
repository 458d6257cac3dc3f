/*
 * Heartbeats: each node says on every card that it is there. A node is up while it is heard on any
 * card; after a second of silence it is down. "again" is a node that was only away, "up" one that
 * was started anew.
 */
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include "relay.h"

struct members members;
static int heartbeats;
static uint64_t next;

static void send_heartbeat(void)
{
	const struct heartbeat beat = members_heartbeat(&members);
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	wires_look(&wires);
	for (uint32_t i = 0; i < LINK_NETWORKS; i++) {
		to.sin_addr.s_addr = wires.networks[i].address | ~wires.networks[i].mask;
		if (wires.networks[i].address)
			sendto(heartbeats, &beat, sizeof beat, MSG_DONTWAIT, (struct sockaddr *)&to,
			       sizeof to);
	}
}

static void print(uint32_t node, const char *what)
{
	printf("relay: node %u %s; view %u: %08x, %s\n", (unsigned)node, what,
	       (unsigned)members.view.number, (unsigned)members.view.up,
	       members.view.majority ? "a majority" : "no majority");
	fflush(stdout);
}

void heartbeats_receive(void)
{
	static const char *const words[] = { [CHANGE_UP] = "up", [CHANGE_AGAIN] = "again" };
	uint8_t bytes[256];
	uint32_t node = 0;
	ssize_t size;

	while ((size = recv(heartbeats, bytes, sizeof bytes, MSG_DONTWAIT)) >= 0) {
		const enum member_change change =
			members_heard(&members, bytes, size, wires_now(), &node);
		if (change != CHANGE_NONE)
			print(node, words[change]);
	}
}

void heartbeats_tick(void)
{
	uint32_t node;

	if (wires_now() >= next) {
		next = wires_now() + BEAT_MS;
		send_heartbeat();
	}
	while ((node = members_silent(&members, wires_now()))) {
		print(node, "down");
		peers_gone(node);
	}
}

void heartbeats_open(uint32_t own, uint32_t count)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	heartbeats = socket(AF_INET, SOCK_DGRAM, 0);
	if (heartbeats < 0 || bind(heartbeats, (struct sockaddr *)&here, sizeof here) != 0)
		err(1, "port %d", PORT);
	members_begin(&members, own, count, wires_incarnation());
	print(own, "up");
}
