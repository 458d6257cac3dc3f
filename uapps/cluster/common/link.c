/*
 * Links between nodes: a window of frames each way, acknowledged singly, sent again over the other
 * network until they are.
 */
#include "link.h"

#include <string.h>

#define MAGIC      0x636c6e6b
#define ASK_MS     100 /* between two questions for the other's incarnation */
#define TRIES_FAST 3   /* of a frame; then the other node is silent */
#define SLOW_MS    200

static struct link_frame *slot(struct link_frame *frames, uint32_t sequence)
{
	return &frames[sequence % LINK_WINDOW];
}

void link_begin(struct link *link, uint8_t own, uint8_t peer, uint32_t incarnation)
{
	memset(link, 0, sizeof *link);
	link->own = own;
	link->peer = peer;
	link->incarnation = incarnation;
	link->session = 1;
	link->next = link->oldest = link->expected = 1;
}

unsigned link_room(const struct link *link)
{
	return LINK_WINDOW - (link->next - link->oldest);
}

/* A bit for each frame that has come, but not the one before it. */
static uint32_t beyond(const struct link *link)
{
	uint32_t bits = 0;

	for (uint32_t i = 1; i < LINK_WINDOW; i++)
		if (link->in[(link->expected + i) % LINK_WINDOW].used)
			bits |= 1u << (i - 1);
	return bits;
}

static void transmit(struct link *link, unsigned network, uint32_t sequence)
{
	const struct link_frame *frame = slot(link->out, sequence);
	struct link_header header = {
		.magic = MAGIC,
		.from = link->own,
		.to = link->peer,
		.size = sequence ? frame->size : 0,
		.incarnation = link->incarnation,
		.towards = link->peer_incarnation,
		.session = link->session,
		.sequence = sequence,
		.heard = link->heard,
		.acknowledged = link->expected - 1,
		.beyond = beyond(link),
	};
	uint8_t bytes[sizeof header + LINK_DATA_MAX];

	memcpy(bytes, &header, sizeof header);
	memcpy(bytes + sizeof header, frame->data, header.size);
	link->send(link, network % LINK_NETWORKS, bytes, sizeof header + header.size);
}

/* Each try takes the other network; the first the one over which the peer was heard last. */
static void transmit_frame(struct link *link, uint32_t sequence, uint64_t now)
{
	struct link_frame *frame = slot(link->out, sequence);

	transmit(link, link->network + frame->tries, sequence);
	frame->tries++;
	frame->sent = now;
	link->owes = false;
}

bool link_send(struct link *link, const void *data, unsigned size, uint64_t now)
{
	struct link_frame *frame = slot(link->out, link->next);

	if (!link_room(link) || size > LINK_DATA_MAX)
		return false;
	*frame = (struct link_frame){ .used = true, .size = size };
	memcpy(frame->data, data, size);
	link->next++;
	if (link->peer_incarnation)
		transmit_frame(link, link->next - 1, now);
	return true;
}

/* The oldest frame that is under way has been tried often enough. */
static bool is_silent(const struct link *link)
{
	return link->out[link->oldest % LINK_WINDOW].tries > TRIES_FAST;
}

bool link_is_stuck(const struct link *link)
{
	return link->oldest != link->next && (!link->peer_incarnation || is_silent(link));
}

void link_give_up(struct link *link)
{
	/* One that has arrived, but before others, is not taken there any more either. */
	link->session++;
	for (; link->oldest != link->next; link->oldest++) {
		struct link_frame *frame = slot(link->out, link->oldest);
		frame->used = false;
		link->lost(link, frame->data, frame->size);
	}
	link->next = link->oldest = 1;
}

/* The other node is a new one: what was for its predecessor does not reach it. */
static void meet(struct link *link, uint32_t incarnation)
{
	const bool again = link->peer_incarnation != 0;

	link->peer_incarnation = incarnation;
	link->heard = 0;
	link->expected = 1;
	memset(link->in, 0, sizeof link->in);
	if (again)
		link_give_up(link);
}

/* Those that the other node has. */
static void acknowledged(struct link *link, const struct link_header *header, uint64_t now)
{
	const uint32_t count = header->acknowledged - link->oldest + 1;
	uint32_t bits = header->beyond;

	if (header->heard != link->session || count > link->next - link->oldest)
		return;
	while (link->oldest != header->acknowledged + 1)
		slot(link->out, link->oldest++)->used = false;
	if (count)
		for (uint32_t i = link->oldest; i != link->next; i++)
			slot(link->out, i)->tries = slot(link->out, i)->tries > 0;
	for (uint32_t i = link->oldest + 1; bits && i - link->oldest < link->next - link->oldest;
	     i++, bits >>= 1)
		if (bits & 1)
			slot(link->out, i)->arrived = true;
	/* One that came after it has overtaken the oldest, which is likely lost. */
	if (header->beyond && link->oldest != link->next &&
	    now - slot(link->out, link->oldest)->sent > LINK_RETRY_MS / 3)
		transmit_frame(link, link->oldest, now);
}

static void keep(struct link *link, const struct link_header *header, const void *data)
{
	struct link_frame *frame = slot(link->in, header->sequence);

	link->owes = true;
	if (header->session != link->heard) {
		if ((int32_t)(header->session - link->heard) < 0)
			return;
		link->heard = header->session;
		link->expected = 1;
		memset(link->in, 0, sizeof link->in);
	}
	if (header->sequence - link->expected >= LINK_WINDOW || frame->used)
		return;
	frame->used = true;
	frame->size = header->size;
	memcpy(frame->data, data, header->size);
}

static bool is_whole(const struct link *link, const struct link_header *header, unsigned size)
{
	return header->magic == MAGIC && header->from == link->peer && header->to == link->own &&
	       header->size <= LINK_DATA_MAX && size == sizeof *header + header->size &&
	       header->incarnation != 0;
}

bool link_receive(struct link *link, unsigned network, const void *bytes, unsigned size,
		  uint64_t now)
{
	struct link_header header;

	if (size < sizeof header)
		return false;
	memcpy(&header, bytes, sizeof header);
	if (!is_whole(link, &header, size))
		return false;
	if (header.incarnation != link->peer_incarnation) {
		/* Late words of a predecessor. */
		if (link->peer_incarnation &&
		    (int32_t)(header.incarnation - link->peer_incarnation) < 0)
			return true;
		meet(link, header.incarnation);
	}
	link->network = network;
	link->was_heard = now;
	if (header.towards != link->incarnation) {
		link->owes = true;
		return true;
	}
	acknowledged(link, &header, now);
	if (header.sequence)
		keep(link, &header, (const uint8_t *)bytes + sizeof header);
	return true;
}

const void *link_next(const struct link *link, unsigned *size)
{
	const struct link_frame *frame = &link->in[link->expected % LINK_WINDOW];

	*size = frame->size;
	return frame->used ? frame->data : NULL;
}

void link_take(struct link *link)
{
	slot(link->in, link->expected++)->used = false;
	link->owes = true;
}

/* A node that says nothing gets the oldest frame alone, now and then, until it does. */
static void transmit_again(struct link *link, uint64_t now)
{
	const bool silent = is_silent(link);
	const uint64_t pause = silent ? SLOW_MS : LINK_RETRY_MS;

	for (uint32_t i = link->oldest; i != link->next; i++) {
		const struct link_frame *frame = slot(link->out, i);

		if (!frame->arrived && (!frame->tries || now - frame->sent >= pause))
			transmit_frame(link, i, now);
		if (silent)
			return;
	}
}

void link_tick(struct link *link, uint64_t now)
{
	if (link->peer_incarnation) {
		transmit_again(link, now);
	} else if (link->oldest != link->next && now - link->asked >= ASK_MS) {
		link->asked = now;
		for (unsigned i = 0; i < LINK_NETWORKS; i++)
			transmit(link, i, 0);
	}
	if (!link->owes)
		return;
	link->owes = false;
	transmit(link, link->network, 0);
}
