/*
 * The relay's parts: heartbeats, links to other nodes, and what is delivered here.
 */
#ifndef RELAY_H
#define RELAY_H

#include <castle/cluster.h>
#include <stdbool.h>
#include <stdint.h>
#include "../common/wires.h"

/* What goes through pipes between the relay's threads, and over links. */
enum record_type {
	RECORD_MESSAGE,
	RECORD_LOST,   /* the message comes back to `from`, undelivered */
	RECORD_LOCAL,  /* from a program of this node */
	RECORD_FAILED, /* it could not be delivered here */
};

struct record {
	uint32_t type;
	struct castle_address from, to;
	struct castle_message message;
};

extern struct members members;
extern struct castle_relay relay; /* what programs may read */

extern struct wires wires; /* to the other nodes */

/* heartbeats.c: on a socket of its own. */
void heartbeats_open(uint32_t own, uint32_t count);
void heartbeats_receive(void);
void heartbeats_tick(void);

/* peers.c: links. `peers_send` is false when there is no room now; the record is then kept. */
void peers_open(void);
/* Milliseconds until it should be called again. */
int peers_tick(void);
bool peers_send(uint32_t node, const struct record *record);
void peers_gone(uint32_t node);

/* local.c: processes of this node. */
void local_open(void);
bool local_waits(void);   /* something, for room to be delivered */
bool local_is_full(void); /* half: then no program may send */
bool local_next(struct record *record);
void local_deliver(const struct record *record);
void local_flush(void);

/* routes.c: where a record goes; false: there is no room now. */
bool route(struct record *record);
void route_holds(const struct castle_holds *holds);
/* It cannot be delivered: whoever sent it is told. */
bool route_back(const struct record *record);

#endif
