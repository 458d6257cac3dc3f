/*
 * The parts of replicate: the database, and messages in pieces over links.
 */
#ifndef REPLICATE_H
#define REPLICATE_H

#include <castle/db.h>
#include "../common/replica.h"
#include "../common/wires.h"

/* store.c: waits until there is a database of this name, and has the replica use it. */
void store_open(struct replica *replica, const char *name);
/* What programs have done: the leader's goes to the others. */
void store_read_log(struct replica *replica);

/* messages.c */
void messages_open(struct replica *replica, struct wires *wires);
void messages_receive(struct replica *replica);

/* show.c: what programs see, and say. */
void show_open(void);
void show(const struct replica *replica);
bool show_heard(void); /* whether a program has done something, since the last time */

#endif
