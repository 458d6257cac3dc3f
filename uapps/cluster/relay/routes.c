/*
 * Where messages go: to a process of this node, to a link, or back.
 */
#include <string.h>
#include "relay.h"

#define HOLDS_MAX 64

static struct castle_holds held[HOLDS_MAX]; /* unique static processes of this node */

static struct castle_holds *find(const char *program)
{
	for (unsigned i = 0; i < HOLDS_MAX; i++)
		if (strncmp(held[i].program, program, sizeof held[i].program) == 0)
			return &held[i];
	return NULL;
}

void route_holds(const struct castle_holds *holds)
{
	struct castle_holds *one = find(holds->program);

	if (!one)
		one = find("");
	if (one)
		*one = *holds;
}

bool route_back(const struct record *record)
{
	struct record back = *record;

	/* What cannot come back either is forgotten. */
	if (record->type == RECORD_LOST)
		return true;
	back.type = RECORD_LOST;
	if (back.from.node != members.own)
		return peers_send(back.from.node, &back);
	relay.cluster.failed++;
	local_deliver(&back);
	return true;
}

/* To a process of this node. */
static bool route_here(struct record *record)
{
	if (record->to.node == CASTLE_NODE_OWNER) {
		const struct castle_holds *one = find(record->message.name);
		if (!one || !one->process || !record->message.name[0])
			return route_back(record);
		record->to.process = one->process;
	}
	local_deliver(record);
	return true;
}

/* From a program of this node. */
static bool route_from_here(const struct record *record)
{
	struct record out = *record;
	const bool to_owner = out.to.node == CASTLE_NODE_OWNER;
	const uint32_t node = to_owner ? relay.cluster.owner : out.to.node;

	if (local_is_full())
		return false;
	out.type = RECORD_MESSAGE;
	return node == members.own ? route_here(&out) : peers_send(node, &out);
}

bool route(struct record *record)
{
	switch (record->type) {
	case RECORD_LOCAL:
		return route_from_here(record);
	case RECORD_MESSAGE:
		return route_here(record);
	case RECORD_LOST:
		relay.cluster.failed++;
		local_deliver(record);
		return true;
	default:
		return route_back(record);
	}
}
