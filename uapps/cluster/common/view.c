/*
 * What heartbeats, and their absence, say of nodes. No clock and no network in here.
 */
#include "members.h"

#include <arpa/inet.h>
#include <string.h>

static void view_change(struct members *members)
{
	uint32_t up = 0;

	for (uint32_t i = 1; i <= members->count; i++)
		if (members->nodes[i].up)
			up |= 1u << (i - 1);
	members->view.number++;
	members->view.up = up;
	members->view.majority = 2 * (uint32_t)__builtin_popcount(up) > members->count;
}

void members_begin(struct members *members, uint32_t own, uint32_t count, uint32_t incarnation)
{
	memset(members, 0, sizeof *members);
	members->own = own;
	members->count = count;
	members->incarnation = incarnation;
	members->nodes[own] = (struct node){ .up = true, .incarnation = incarnation };
	view_change(members);
}

struct heartbeat members_heartbeat(const struct members *members)
{
	return (struct heartbeat){
		.magic = htonl(MAGIC),
		.version = htonl(VERSION),
		.node = htonl(members->own),
		.incarnation = htonl(members->incarnation),
		.view = htonl(members->view.up),
	};
}

enum member_change members_heard(struct members *members, const void *bytes, unsigned size,
				 uint64_t now, uint32_t *node)
{
	struct heartbeat beat;
	struct node *of;
	bool same;

	if (size != sizeof beat)
		return CHANGE_NONE;
	memcpy(&beat, bytes, sizeof beat);
	*node = ntohl(beat.node);
	if (ntohl(beat.magic) != MAGIC || ntohl(beat.version) != VERSION || *node < 1 ||
	    *node > members->count || *node == members->own || beat.incarnation == 0)
		return CHANGE_NONE;
	of = &members->nodes[*node];
	same = of->incarnation == ntohl(beat.incarnation);
	of->heard = now;
	of->view = ntohl(beat.view);
	if (of->up && same)
		return CHANGE_NONE;
	of->up = true;
	of->incarnation = ntohl(beat.incarnation);
	view_change(members);
	return same ? CHANGE_AGAIN : CHANGE_UP;
}

uint32_t members_silent(struct members *members, uint64_t now)
{
	for (uint32_t i = 1; i <= members->count; i++) {
		struct node *node = &members->nodes[i];
		if (i == members->own || !node->up || now - node->heard < SILENCE_MS)
			continue;
		node->up = false;
		view_change(members);
		return i;
	}
	return 0;
}

uint32_t members_owner(const struct members *members)
{
	uint32_t heard = members->view.up;

	for (uint32_t i = 1; i <= members->count; i++)
		if (i != members->own && members->nodes[i].up)
			heard |= members->nodes[i].view;
	return members->view.majority ? (uint32_t)__builtin_ctz(heard) + 1 : 0;
}
