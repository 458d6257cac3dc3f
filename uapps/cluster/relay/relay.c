/*
 * relay: relay ID NODES: node ID (1 to NODES) of a cluster says that it is there, over every card,
 * and prints which others come and go, and whether there is a majority; and it carries messages
 * between programs of this node and the others (castle/cluster.h).
 *
 * Programs read the file CASTLE_RELAY_FILE to see what the relay sees.
 */
#include "relay.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../common/wake.h"

#define EVENTS_A_TURN 32

struct castle_relay relay;
static struct record held; /* a program's, that has no room in its link */
static bool holds_one;

static void show(void)
{
	static struct castle_relay shown;
	static int fd = -1;

	relay.process = getpid();
	relay.cluster.own = members.own;
	relay.cluster.count = members.count;
	relay.cluster.up = members.view.up;
	relay.cluster.majority = members.view.majority;
	relay.cluster.owner = members_owner(&members);
	relay.cluster.changes = members.view.number;
	if (memcmp(&shown, &relay, sizeof shown) == 0)
		return;
	shown = relay;
	if (fd < 0)
		fd = open(CASTLE_RELAY_FILE, O_WRONLY | O_CREAT, 0644);
	if (pwrite(fd, &shown, sizeof shown, 0) != sizeof shown)
		err(1, CASTLE_RELAY_FILE);
}

/* Of a message to the relay itself; false: it goes on. */
static bool is_own(const struct record *record)
{
	if (record->type != RECORD_LOCAL || record->to.node != 0)
		return false;
	if (record->message.kind == CASTLE_KIND_STOP) {
		unlink(CASTLE_RELAY_FILE);
		exit(0);
	}
	if (record->message.kind == CASTLE_KIND_HOLDS)
		route_holds((const struct castle_holds *)record->message.data);
	return true;
}

/* Whether that was all that can be done now. */
static bool route_events(void)
{
	for (int turn = 0; turn < EVENTS_A_TURN; turn++) {
		if (!holds_one && !local_next(&held))
			return true;
		holds_one = !is_own(&held) && !route(&held);
		if (holds_one)
			return true;
	}
	return false;
}

static void __attribute__((noreturn)) serve(void)
{
	int pause = 0;

	for (;;) {
		wake_wait(pause);
		heartbeats_receive();
		heartbeats_tick();
		wires_receive(&wires);
		local_flush();
		pause = peers_tick();
		if (!route_events())
			pause = 0;
		show();
	}
}

int main(int argc, char **argv)
{
	const int own = argc == 3 ? atoi(argv[1]) : 0, count = argc == 3 ? atoi(argv[2]) : 0;

	if (own < 1 || count < own || count > NODES_MAX)
		errx(2, "usage: relay ID NODES (1 to %d)", NODES_MAX);
	heartbeats_open(own, count);
	peers_open();
	local_open();
	serve();
}
