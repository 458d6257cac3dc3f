/*
 * A link to another node (docs/cluster.md): what is sent arrives in order, once, over whichever of
 * the networks works; or is given back as lost when the other node is gone. No clock and no socket
 * in here, so that seeded networks can be played on the host (tests/host/test_link.c).
 *
 * Each direction is a stream of numbered frames. A stream belongs to two incarnations, that of its
 * sender and that of its receiver, and to a session of the sender's, which is a new one whenever
 * frames were given up: what comes late from an older one is passed over.
 */
#ifndef CLUSTER_LINK_H
#define CLUSTER_LINK_H

#include <stdbool.h>
#include <stdint.h>

#define LINK_WINDOW   32   /* frames under way at once, a power of two */
#define LINK_DATA_MAX 1200 /* bytes of one, so that a frame is one datagram */
#define LINK_RETRY_MS 50   /* then a frame is sent once more, over the other network */
#define LINK_NETWORKS 2

/* On the wire, before a frame's data. */
struct link_header {
	uint32_t magic;
	uint8_t from, to;
	uint16_t size;        /* of the data */
	uint32_t incarnation; /* the sender's */
	uint32_t towards;     /* that of the receiver, as far as the sender knows; 0: it does not */
	uint32_t session;     /* of the sender's stream */
	uint32_t sequence;    /* of the frame, from 1; 0: this one only acknowledges */
	uint32_t heard;       /* the session that is acknowledged */
	uint32_t acknowledged; /* all up to this one have come */
	uint32_t beyond;       /* a bit for each that has come after that, the next but one first */
};

struct link_frame {
	bool used, arrived; /* arrived: of one to be sent, the other node has it */
	uint16_t size;
	uint32_t tries;
	uint64_t sent; /* when it was, last */
	uint8_t data[LINK_DATA_MAX];
};

struct link {
	uint8_t own, peer;
	uint32_t incarnation, peer_incarnation; /* 0: not known yet */
	uint32_t session, next, oldest;         /* to be sent next; not yet acknowledged */
	uint32_t heard, expected;               /* of the other's stream */
	uint8_t network;                        /* the one that was heard last */
	uint64_t was_heard;                     /* when the other was, last */
	bool owes;                              /* an acknowledgement */
	uint64_t asked;                         /* when the other's incarnation was asked for */
	struct link_frame out[LINK_WINDOW], in[LINK_WINDOW];
	void *owner;
	/* Sends a datagram to the other node. */
	void (*send)(struct link *link, unsigned network, const void *bytes, unsigned size);
	/* Nobody knows whether what was sent has arrived; from now on it will not. Sends nothing.
	 */
	void (*lost)(struct link *link, const void *data, unsigned size);
};

/* `incarnation` is greater than that of this node's start before. */
void link_begin(struct link *link, uint8_t own, uint8_t peer, uint32_t incarnation);

/* False: too much is under way. */
bool link_send(struct link *link, const void *data, unsigned size, uint64_t now);

/* How many frames could be sent now. */
unsigned link_room(const struct link *link);

/* A datagram has come over this network; true: it was one of this link's. */
bool link_receive(struct link *link, unsigned network, const void *bytes, unsigned size,
		  uint64_t now);

/* The next data that has come, or NULL; it stays the next until it is taken. */
const void *link_next(const struct link *link, unsigned *size);
void link_take(struct link *link);

/* Sends what is due: acknowledgements, and again what was not acknowledged. */
void link_tick(struct link *link, uint64_t now);

/* Something is under way that the other node, if it is known at all, has not taken in several tries
 * over either network. */
bool link_is_stuck(const struct link *link);

/* The other node is gone: what it has not acknowledged is lost. */
void link_give_up(struct link *link);

#endif
