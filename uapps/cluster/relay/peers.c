/*
 * What goes over links to the other nodes, and comes from them.
 */
#include "relay.h"

#define PEER_PORT    4712
#define TICK_BUSY_MS 10
#define TICK_IDLE_MS 30 /* heartbeats have no thread of their own, and are looked for so often */

static void lost(struct link *link, const void *data, unsigned size)
{
	const struct record *record = data;

	(void)link;
	if (size == sizeof *record && record->type == RECORD_MESSAGE)
		route_back(record);
}

struct wires wires = { .port = PEER_PORT, .lost = lost };

/* What has come is acknowledged only as fast as programs take it. */
static void take(struct link *link)
{
	const struct record *next;
	unsigned size;

	while (!local_waits() && (next = link_next(link, &size))) {
		struct record record = *next;
		if (size == sizeof record && record.type <= RECORD_LOST && !route(&record))
			return;
		relay.cluster.came++;
		link_take(link);
	}
}

int peers_tick(void)
{
	for (uint32_t i = 1; i <= members.count; i++)
		if (wires.links[i])
			take(wires.links[i]);
	return wires_tick(&wires) ? TICK_BUSY_MS : TICK_IDLE_MS;
}

bool peers_send(uint32_t node, const struct record *record)
{
	struct link *link = wires_link(&wires, node);

	if (!link || !members.nodes[node].up)
		return route_back(record);
	if (!link_send(link, record, sizeof *record, wires_now()))
		return false;
	relay.cluster.sent++;
	return true;
}

void peers_gone(uint32_t node)
{
	if (wires.links[node])
		link_give_up(wires.links[node]);
}

void peers_open(void)
{
	wires.own = members.own;
	wires.count = members.count;
	wires.incarnation = members.incarnation;
	wires_open(&wires);
}
