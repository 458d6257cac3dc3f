/*
 * Links to all other nodes over one UDP socket, and this node's cards. Node N has the host number N
 * on each network.
 */
#ifndef CLUSTER_WIRES_H
#define CLUSTER_WIRES_H

#include "link.h"
#include "members.h"

struct network {
	uint32_t address, mask; /* in the network's order; 0: none now */
};

#define WIRES_DATAGRAMS 128 /* a power of two */

struct datagram {
	uint32_t size, from; /* an address in the network's order */
	uint8_t bytes[sizeof(struct link_header) + LINK_DATA_MAX];
};

struct wires {
	int socket;
	uint16_t port;
	uint32_t own, count, incarnation;
	struct network networks[LINK_NETWORKS];
	struct link *links[NODES_MAX + 1]; /* made when they are needed */
	void (*lost)(struct link *link, const void *data, unsigned size);
	uint32_t came,
		taken; /* datagrams, so far: a thread adds them, the main thread takes them */
	struct datagram datagrams[WIRES_DATAGRAMS];
};

/* Milliseconds since some time. */
uint64_t wires_now(void);

/* A number that is greater at each start of this node, and not 0. */
uint32_t wires_incarnation(void);

/* Opens the socket, whose datagrams wake the main thread (wake.h), or ends the program. The fields
 * from `port` to `incarnation`, and `lost`, are set. */
void wires_open(struct wires *wires);

/* Looks at the cards: their addresses may come late. Any socket will do. */
void wires_look(struct wires *wires);

/* The link to a node; NULL: there is no such other node. */
struct link *wires_link(struct wires *wires, uint32_t node);

/* Takes all datagrams that have come. */
void wires_receive(struct wires *wires);

/* Sends what is due on all links; whether anything is under way. */
bool wires_tick(struct wires *wires);

#endif
