/*
 * Several machines as one (docs/cluster.md): messages to processes of other nodes, and who is
 * there. The program `relay` must run on each node; castle_cluster() says whether it does.
 *
 * A message between nodes arrives once, in the order in which its sender sent, or its sender gets a
 * message of kind CASTLE_KIND_LOST: there is no such process or program, or the node is gone, and
 * then nobody knows whether it arrived.
 */
#ifndef CASTLE_CLUSTER_H
#define CASTLE_CLUSTER_H

#include <castle/callbacks.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of a message between nodes; the kernel's have eight more, which say where from and to. */
#define CASTLE_CLUSTER_SIZE (CASTLE_MESSAGE_SIZE - sizeof(struct castle_address))
#define CASTLE_NODE_OWNER   255 /* the node where the unique static process is, of that name */

struct castle_address {
	uint32_t node;   /* from 1; or CASTLE_NODE_OWNER; 0 is this one */
	int32_t process; /* 0: the one that runs the message's program, started if none does */
};

/* Who is there, as this node sees it. */
struct castle_cluster {
	uint32_t own, count;         /* this node, and how many there are to be */
	uint32_t up;                 /* a bit for each that is heard, node 1 the lowest */
	uint32_t majority;           /* not 0: more than half of them are */
	uint32_t owner;              /* where unique static processes are; 0: nowhere */
	uint32_t changes;            /* of all this so far */
	uint32_t sent, came, failed; /* messages to other nodes and from them; those lost */
};

/* What a message of kind CASTLE_KIND_LOST has. */
struct castle_lost {
	struct castle_address to;
	uint32_t kind;
	uint8_t data[32]; /* the first of it */
};

/* 0, or -1 with errno: EINVAL (size), ESRCH (no relay runs). Waits for room. */
int castle_cluster_send(struct castle_address to, const struct castle_message *message);

/* Where a message came from, be it of this node or another. */
struct castle_address castle_cluster_origin(const struct castle_message *message);

/* What the relay saw last; 0, or -1 with errno (ESRCH: none runs). */
int castle_cluster(struct castle_cluster *cluster);

/*
 * As castle_keep(), of a program that shall run on one node of the cluster at a time: on the owner.
 * Each node that may be the owner must say so.
 */
int castle_keep_unique(const char *program);

/*
 * The replicated database, as the program `replicate` of this node sees it. Only on the node that
 * is the leader may programs change the database (<castle/db.h>), and what they have done has
 * happened when castle_replica_wait() returns 0.
 */
struct castle_replica {
	uint32_t own, leader; /* 0: none is known */
	uint32_t epoch;       /* of the leader */
	uint32_t role;        /* enum castle_replica_role */
	uint64_t committed;   /* the database's number of the last transaction on enough nodes */
	uint64_t confirmed;   /* castle_replica_now(), when it was leader yet */
};

enum castle_replica_role { CASTLE_REPLICA_NEW, CASTLE_REPLICA_FOLLOWS, CASTLE_REPLICA_LEADS = 3 };

/* 0, or -1 with errno (ESRCH: it does not run). */
int castle_replica(struct castle_replica *replica);

/*
 * Waits until transactions up to `sequence` (db_last_sequence()) are on more than half of the
 * nodes, and this node is known to have been the leader after `since` (castle_replica_now()), so
 * that what was read then was the truth. `begun`: what castle_replica() said before. -1 with errno
 * ESTALE: another node leads, or may, and nobody knows whether they will be.
 */
int castle_replica_wait(const struct castle_replica *begun, uint64_t sequence, uint64_t since);

/* CLOCK_MONOTONIC in microseconds. */
uint64_t castle_replica_now(void);

/*
 * What `replicate` shares with programs. It holds a record lock on the byte of the file that
 * belongs to the turn, and lets go of it after the next one has come: so programs wait for that.
 */
#define CASTLE_REPLICA_FILE  "/tmp/.replica"
#define CASTLE_REPLICA_TURNS 4096 /* bytes; after so many turns they come again */

struct castle_replica_shared {
	uint32_t turn;   /* odd while it is written */
	int32_t process; /* gets a message, of any kind, when a program has done something */
	struct castle_replica state;
};

/* Between relay, statics and the library. */
#define CASTLE_RELAY_FILE "/tmp/.relay" /* a struct castle_relay */

struct castle_relay {
	int32_t process;
	struct castle_cluster cluster;
};

/* A unique static process has been started here, or has ended (0). */
struct castle_holds {
	char program[16];
	int32_t process;
};

/* The relay's process, or -1 with errno. */
int32_t castle_relay(void);

#ifdef __cplusplus
}
#endif

#endif
