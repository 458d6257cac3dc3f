/*
 * A replica's messages, in as many frames of a link as they need: each begins with a byte that says
 * whether it is the first, and whether the last.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include "../../db/area.h"
#include "replicate.h"

#define FRAME_DATA (LINK_DATA_MAX - 1)
#define FIRST      1
#define LAST       2

struct inbox {
	uint32_t size;
	uint8_t bytes[sizeof(struct replica_message) + DB_RECORD_MAX];
};

static struct wires *over;
static struct inbox *inboxes[REPLICA_NODES_MAX + 1];

/* Frames that have no room in the link yet, in order. */
static struct waiting {
	struct waiting *next;
	uint32_t size;
	uint8_t bytes[LINK_DATA_MAX];
} * first[REPLICA_NODES_MAX + 1], **last[REPLICA_NODES_MAX + 1];

static void flush(uint8_t peer)
{
	struct link *link = wires_link(over, peer);

	while (first[peer] && link_send(link, first[peer]->bytes, first[peer]->size, wires_now())) {
		struct waiting *done = first[peer];
		first[peer] = done->next;
		free(done);
	}
	if (!first[peer])
		last[peer] = &first[peer];
}

static void drop_waiting(uint8_t peer)
{
	while (first[peer]) {
		struct waiting *done = first[peer];
		first[peer] = done->next;
		free(done);
	}
	last[peer] = &first[peer];
}

static unsigned room(struct replica *replica, uint8_t peer)
{
	(void)replica;
	flush(peer);
	return first[peer] ? 0 : link_room(wires_link(over, peer));
}

static void send_frame(uint8_t peer, const uint8_t *bytes, uint32_t size, uint8_t flags)
{
	struct waiting *frame = malloc(sizeof *frame);

	if (!frame)
		err(1, "frame");
	frame->next = NULL;
	frame->size = size + 1;
	frame->bytes[0] = flags;
	memcpy(frame->bytes + 1, bytes, size);
	*last[peer] = frame;
	last[peer] = &frame->next;
}

static void send(struct replica *replica, uint8_t peer, const struct replica_message *message,
		 const void *data)
{
	static uint8_t whole[sizeof *message + DB_RECORD_MAX];
	const uint32_t size = sizeof *message + message->size;

	(void)replica;
	memcpy(whole, message, sizeof *message);
	if (message->size)
		memcpy(whole + sizeof *message, data, message->size);
	for (uint32_t at = 0; at < size; at += FRAME_DATA)
		send_frame(peer, whole + at, size - at < FRAME_DATA ? size - at : FRAME_DATA,
			   (at ? 0 : FIRST) | (size - at <= FRAME_DATA ? LAST : 0));
	flush(peer);
}

static void take_frame(struct replica *replica, uint8_t peer, const uint8_t *bytes, uint32_t size)
{
	struct inbox *inbox = inboxes[peer];
	struct replica_message message;

	if (size < 1)
		return;
	/* What began in an older session does not end. */
	if (bytes[0] & FIRST)
		inbox->size = 0;
	if (size - 1 > sizeof inbox->bytes - inbox->size)
		return;
	memcpy(inbox->bytes + inbox->size, bytes + 1, size - 1);
	inbox->size += size - 1;
	if (!(bytes[0] & LAST))
		return;
	memcpy(&message, inbox->bytes, sizeof message);
	if (inbox->size == sizeof message + message.size)
		replica_receive(replica, peer, &message, inbox->bytes + sizeof message,
				wires_now());
	inbox->size = 0;
}

static void receive_from(struct replica *replica, uint8_t peer)
{
	struct link *link = wires_link(over, peer);
	const uint8_t *bytes;
	unsigned size;

	while ((bytes = link_next(link, &size))) {
		take_frame(replica, peer, bytes, size);
		link_take(link);
	}
	/*
	 * What waits for a node that is gone is of no use to it when it is back. Two that follow a
	 * third have nothing to say to each other, which is no reason to give up the first word
	 * after that, before it was tried over both networks.
	 */
	if (wires_now() - link->was_heard > SILENCE_MS && link_is_stuck(link)) {
		link_give_up(link);
		replica_peer_lost(replica, peer);
		drop_waiting(peer);
	}
	flush(peer);
}

void messages_receive(struct replica *replica)
{
	wires_receive(over);
	for (uint8_t peer = 1; peer <= replica->count; peer++)
		if (peer != replica->own)
			receive_from(replica, peer);
}

static struct replica *told;

static void lost(struct link *link, const void *data, unsigned size)
{
	(void)data, (void)size;
	replica_peer_lost(told, link->peer);
}

void messages_open(struct replica *replica, struct wires *wires)
{
	over = wires;
	told = replica;
	wires->lost = lost;
	replica->room = room;
	replica->send = send;
	for (uint8_t peer = 1; peer <= replica->count; peer++) {
		last[peer] = &first[peer];
		inboxes[peer] = calloc(1, sizeof *inboxes[peer]);
		if (!inboxes[peer])
			err(1, "inbox");
	}
}
