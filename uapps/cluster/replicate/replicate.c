/*
 * replicate: replicate DATABASE ID NODES: keeps this node's database (castle/db.h) and those of the
 * same name on the other nodes the same. Its program makes it; on the node that leads, programs may
 * change it. docs/cluster.md has the whole; common/replica.c decides.
 */
#include "replicate.h"

#include <castle/cluster.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../common/wake.h"

#define PORT_REPLICATE 4713
#define BUSY_MS        5
#define IDLE_MS        20
#define LOOK_MS        200

static struct wires wires = { .port = PORT_REPLICATE };
static struct replica replica;

static uint64_t now_us(const struct replica *unused)
{
	(void)unused;
	return castle_replica_now();
}

static void say_changes(void)
{
	static const char *const words[] = { "is new", "follows", "is a candidate", "leads" };
	static enum replica_role said_role = REPLICA_CANDIDATE;
	static uint32_t said_epoch;

	if (replica.role == said_role && replica.epoch == said_epoch)
		return;
	said_role = replica.role;
	said_epoch = replica.epoch;
	printf("replicate: node %u %s, epoch %u, %u records, at %llu ms\n", replica.own,
	       words[said_role], (unsigned)said_epoch, (unsigned)replica.last,
	       (unsigned long long)wires_now());
	fflush(stdout);
}

static void look_at_cards(void)
{
	static uint64_t next;

	if (wires_now() < next)
		return;
	next = wires_now() + LOOK_MS;
	wires_look(&wires);
}

static void __attribute__((noreturn)) serve(void)
{
	int pause = 0;

	for (;;) {
		wake_wait(pause);
		if (show_heard())
			replica_ask(&replica);
		look_at_cards();
		store_read_log(&replica);
		messages_receive(&replica);
		replica_tick(&replica, wires_now());
		pause = wires_tick(&wires) ? BUSY_MS : IDLE_MS;
		show(&replica);
		say_changes();
	}
}

int main(int argc, char **argv)
{
	const int own = argc > 3 ? atoi(argv[2]) : 0, count = argc > 3 ? atoi(argv[3]) : 0;

	if (own < 1 || count < own || count > REPLICA_NODES_MAX)
		errx(2, "usage: replicate DATABASE ID NODES (1 to %d)", REPLICA_NODES_MAX);
	/* A seeded fault, for tests: answers before another node has it. */
	replica.early = argc > 4 && strcmp(argv[4], "early") == 0;
	wires.own = own;
	wires.count = count;
	wires.incarnation = wires_incarnation();
	wires_open(&wires);
	replica.clock = now_us;
	replica_begin(&replica, own, count, wires.incarnation, wires_now());
	messages_open(&replica, &wires);
	store_open(&replica, argv[1]);
	show_open();
	serve();
}
