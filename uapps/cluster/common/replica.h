/*
 * Replication of a database (docs/cluster.md): one node is the leader, whose transactions go, as
 * numbered records, to all others; one is committed when more than half of the nodes have it. When
 * the leader is gone, the nodes that are left elect one that has all that is committed.
 *
 * No clock, no network and no database in here, so that whole clusters are played on the host from
 * a seed (tests/host/test_replica.c). A node's messages to another one arrive in order and once, or
 * not at all from some point on: then replica_peer_lost() says so (link.h).
 *
 * The parts of it are Raft's (Ongaro, Ousterhout, USENIX ATC 2014), but that nothing is on a disk:
 * a node that was started anew knows nothing, has no vote, and may only join a leader of whom it is
 * sure that its predecessor had not promised a later one its vote (Liskov, Cowling, "Viewstamped
 * Replication Revisited", 2012, Section 4.3). A cluster of which all nodes are new forms itself.
 */
#ifndef CLUSTER_REPLICA_H
#define CLUSTER_REPLICA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLICA_NODES_MAX 8
#define REPLICA_KEPT      4096 /* of the last records, for nodes that were away; a power of two */
#define REPLICA_BEAT_MS   40
#define REPLICA_SILENCE_MS                                                                 \
	700 /* without the leader until it is replaced, and of a leader without the others \
	     */
#define REPLICA_PIECE 1024 /* bytes of a copy in one message */

enum replica_role { REPLICA_NEW, REPLICA_FOLLOWER, REPLICA_CANDIDATE, REPLICA_LEADER };

enum replica_type {
	REPLICA_HELLO,   /* a new node asks what was promised; number: of the epoch that it led in
			    vain */
	REPLICA_PROMISE, /* the answer: epoch */
	REPLICA_ASK,     /* for a vote: epoch, and up to where the candidate is */
	REPLICA_VOTE,    /* granted or not; up to where the voter is */
	REPLICA_BEAT,    /* the leader is there; time */
	REPLICA_STATE,   /* the answer: up to where the follower is; the time of the beat */
	REPLICA_RECORD,  /* number; its data behind it; time, as in a beat */
	REPLICA_COPY,    /* a piece of all objects: number of the first byte; of so many */
};

struct replica_message {
	uint8_t type, flag; /* granted; of an ask: that the cluster is to be formed */
	uint16_t size;      /* of the data behind it */
	uint32_t epoch;
	uint32_t last_epoch; /* of the record `number` */
	uint32_t whole;      /* of a copy, in bytes */
	uint64_t number;
	uint64_t time;
};

struct replica_record {
	uint32_t epoch;
	uint32_t size;
	uint64_t number;
	uint64_t mark; /* the store's own number of it */
	uint8_t *data;
};

/* What the leader knows of another node. */
struct replica_peer {
	bool matches;           /* its records are a part of ours, up to `has` */
	bool spoke;             /* in this epoch */
	uint64_t copied;        /* when the last piece of all objects was sent */
	uint64_t has, next;     /* records: that it has said to have; to be sent next */
	uint64_t heard, echoed; /* when; the newest beat's time that came back */
	uint8_t *copy;          /* all objects, on their way */
	uint32_t copy_size, copy_sent, copy_epoch;
	uint64_t copy_number; /* up to which record they go */
};

struct replica {
	uint8_t own, count;
	enum replica_role role;
	uint32_t epoch;           /* promised: no message of an older one is taken */
	uint8_t voted;            /* in this epoch */
	uint8_t leader;           /* 0: none is known */
	uint32_t vain;            /* elections since there was a leader */
	bool probes;              /* asks whether it would be elected */
	uint32_t votes, promises; /* bits of nodes */
	uint64_t last, committed; /* records */
	uint32_t last_epoch;
	uint64_t committed_mark; /* the store's number of what is committed */
	uint64_t confirmed;      /* when it was leader yet, as more than half have said: clock() */
	uint64_t since, deadline, beat;
	uint32_t random;
	uint32_t formed, in_vain; /* epochs: that it joined as new; that it led with nobody */
	bool matched;             /* a node has followed this one, ever */
	bool settled;             /* a record of this leader's is committed, and so all before it */
	bool early;               /* a seeded fault: what one node has counts as committed */
	struct replica_record kept[REPLICA_KEPT];
	struct replica_peer peers[REPLICA_NODES_MAX + 1];
	uint8_t *incoming; /* a copy that comes */
	uint32_t incoming_size, incoming_has;
	void *owner;
	/* What programs compare `confirmed` with; this node's alone, and finer than `now`. */
	uint64_t (*clock)(const struct replica *replica);
	/* How many messages of a piece's size the link takes now; sends one of REPLICA_PIECE. */
	unsigned (*room)(struct replica *replica, uint8_t peer);
	void (*send)(struct replica *replica, uint8_t peer, const struct replica_message *message,
		     const void *data);
	/* The store. `copy` gives all objects, in malloc()'s memory; `load` has them replace all.
	 */
	uint64_t (*apply)(struct replica *replica, const void *data, uint32_t size);
	uint8_t *(*copy)(struct replica *replica, uint32_t *size);
	void (*load)(struct replica *replica, const uint8_t *objects, uint32_t size);
};

/* The functions and the owner are set before. `seed`: for waiting times. */
void replica_begin(struct replica *replica, uint8_t own, uint8_t count, uint32_t seed,
		   uint64_t now);

/* Of the leader: what its store has done, with the store's number of it. */
void replica_add(struct replica *replica, const void *data, uint32_t size, uint64_t mark);

/* A message has come from a node. */
void replica_receive(struct replica *replica, uint8_t peer, const struct replica_message *message,
		     const void *data, uint64_t now);

/*
 * Programs may change the store: this node leads, and another one has followed. Before, a leader
 * may yet find that it formed its cluster in vain.
 */
bool replica_serves(const struct replica *replica);

/* A program waits until it is known that this node leads: the leader beats in the next tick. */
void replica_ask(struct replica *replica);

/* Messages to this node were lost, or it has been started anew. */
void replica_peer_lost(struct replica *replica, uint8_t peer);

/* Sends what is due; to be called every few milliseconds, and after all of the above. */
void replica_tick(struct replica *replica, uint64_t now);

/*
 * The store has changed by other means than apply() and load(), without a leader's right: it has to
 * be filled anew.
 */
void replica_spoilt(struct replica *replica, uint64_t now);

#endif
