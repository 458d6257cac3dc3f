/*
 * Who is in the cluster (docs/cluster.md): what nodes send each other, and what a program may ask.
 */
#ifndef CLUSTER_MEMBERS_H
#define CLUSTER_MEMBERS_H

#include <stdbool.h>
#include <stdint.h>

#define NODES_MAX  32
#define PORT       4711
#define BEAT_MS    100
#define SILENCE_MS 1000 /* then a node is down */
#define VERSION    1
#define MAGIC      0x63617374u

/* On the wire: all in the network's order of bytes. */
struct heartbeat {
	uint32_t magic, version;
	uint32_t node; /* from 1 */
	uint32_t incarnation;
	uint32_t view; /* a bit for each node that it hears, node 1 the lowest */
};

struct view {
	uint32_t number; /* of changes so far */
	uint32_t up;     /* bits, as above */
	uint32_t majority;
};

struct node {
	bool up;
	uint32_t incarnation; /* 0: it was never heard */
	uint32_t view;        /* what it hears itself, as it said last */
	uint64_t heard;       /* when, in milliseconds */
};

struct members {
	uint32_t own, count, incarnation;
	struct node nodes[NODES_MAX + 1]; /* by number */
	struct view view;
};

enum member_change { CHANGE_NONE, CHANGE_UP, CHANGE_AGAIN, CHANGE_DOWN };

/* This node is up, no other one yet. */
void members_begin(struct members *members, uint32_t own, uint32_t count, uint32_t incarnation);

/* The heartbeat that this node sends. */
struct heartbeat members_heartbeat(const struct members *members);

/*
 * A heartbeat, or what looks like one, has come at this time; what it changes: a node is up as
 * another incarnation (or for the first time), or again as the same one. `node` is whose it is.
 */
enum member_change members_heard(struct members *members, const void *bytes, unsigned size,
				 uint64_t now, uint32_t *node);

/* A node that has been silent for too long, which is down from now on; 0: there is none. */
uint32_t members_silent(struct members *members, uint64_t now);

/*
 * Where unique static processes are to run: the lowest node that is up, or that a node that is up
 * hears; 0: there is no majority.
 */
uint32_t members_owner(const struct members *members);

#endif
