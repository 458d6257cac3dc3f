/*
 * Replication: elections, and what nodes send each other.
 */
#include "replica.h"

#include <stdlib.h>
#include <string.h>

/* Flags of asks. */
#define FORM  1 /* a new node's, for forming the cluster */
#define PROBE 2 /* whether there would be a vote: a node that was away disturbs nobody */
/* Flags of votes. */
#define GRANTED 1
#define WOULD   2

#define VAIN_MAX 5
#define COPY_MS  3000 /* for a node to say that it has all that was sent */

static unsigned bits(uint32_t set)
{
	return (unsigned)__builtin_popcount(set);
}

static bool is_majority(const struct replica *replica, unsigned nodes)
{
	return 2 * nodes > replica->count;
}

static uint32_t draw(struct replica *replica, uint32_t below)
{
	replica->random = replica->random * 1664525u + 1013904223u;
	return (replica->random >> 8) % below;
}

/* When to stand for election: later than nodes of lower numbers, so that one of them wins. */
static void wait_again(struct replica *replica, uint64_t now)
{
	replica->since = now;
	replica->deadline = now + REPLICA_SILENCE_MS + 60u * replica->own + draw(replica, 100);
}

static struct replica_record *kept(struct replica *replica, uint64_t number)
{
	struct replica_record *record = &replica->kept[number % REPLICA_KEPT];

	return number && record->number == number ? record : NULL;
}

static void forget(struct replica *replica)
{
	for (unsigned i = 0; i < REPLICA_KEPT; i++) {
		free(replica->kept[i].data);
		replica->kept[i] = (struct replica_record){ .number = 0 };
	}
}

static void keep(struct replica *replica, uint32_t epoch, const void *data, uint32_t size,
		 uint64_t mark)
{
	struct replica_record *record = &replica->kept[++replica->last % REPLICA_KEPT];

	free(record->data);
	*record = (struct replica_record){
		.epoch = epoch, .size = size, .number = replica->last, .mark = mark
	};
	record->data = malloc(size ? size : 1);
	if (!record->data)
		abort();
	memcpy(record->data, data, size);
	replica->last_epoch = epoch;
}

static void send(struct replica *replica, uint8_t peer, struct replica_message message,
		 const void *data)
{
	message.epoch = replica->epoch;
	if (replica->room(replica, peer))
		replica->send(replica, peer, &message, data);
}

static void send_all(struct replica *replica, struct replica_message message)
{
	for (uint8_t i = 1; i <= replica->count; i++)
		if (i != replica->own)
			send(replica, i, message, NULL);
}

static void drop_copies(struct replica *replica)
{
	for (uint8_t i = 0; i <= replica->count; i++) {
		free(replica->peers[i].copy);
		replica->peers[i] = (struct replica_peer){ .matches = false };
	}
	free(replica->incoming);
	replica->incoming = NULL;
}

void replica_begin(struct replica *replica, uint8_t own, uint8_t count, uint32_t seed, uint64_t now)
{
	replica->own = own;
	replica->count = count;
	replica->random = seed;
	replica->role = REPLICA_NEW;
	wait_again(replica, now);
}

/* Of this epoch from now on, without a vote in it yet. */
static void enter_epoch(struct replica *replica, uint32_t epoch, uint64_t now)
{
	if (epoch > replica->epoch) {
		replica->epoch = epoch;
		replica->voted = 0;
		replica->leader = 0;
	}
	drop_copies(replica);
	replica->probes = false;
	/* The first leader of all, whom nobody has followed: there is no cluster yet. */
	if (replica->role == REPLICA_LEADER && !replica->committed && replica->last == 1 &&
	    !replica->matched) {
		forget(replica);
		replica->in_vain = replica->last_epoch;
		replica->last = replica->last_epoch = 0;
		replica->role = REPLICA_NEW;
	}
	if (replica->role != REPLICA_NEW)
		replica->role = REPLICA_FOLLOWER;
	wait_again(replica, now);
}

void replica_spoilt(struct replica *replica, uint64_t now)
{
	drop_copies(replica);
	forget(replica);
	replica->role = REPLICA_NEW;
	replica->last = replica->committed = replica->last_epoch = 0;
	/* It is the one that made its promises: it needs nobody to say what they were. */
	replica->promises = ~0u;
	replica->leader = 0;
	wait_again(replica, now);
}

/* --- elections --- */

static void become_leader(struct replica *replica, uint64_t now)
{
	replica->role = REPLICA_LEADER;
	replica->leader = replica->own;
	drop_copies(replica);
	for (uint8_t i = 1; i <= replica->count; i++)
		replica->peers[i].heard = now;
	replica->beat = now;
	replica->confirmed = 0;
	replica->settled = false;
	replica->vain = 0;
	/* What is of older epochs is committed with this one's first record, not by being counted.
	 */
	keep(replica, replica->epoch, "", 0, replica->committed_mark);
	if (kept(replica, replica->last - 1))
		kept(replica, replica->last)->mark = kept(replica, replica->last - 1)->mark;
}

static void count_votes(struct replica *replica, uint64_t now)
{
	const unsigned votes = bits(replica->votes);

	if (replica->role == REPLICA_CANDIDATE ? is_majority(replica, votes)
					       : votes == replica->count)
		become_leader(replica, now);
}

static void ask(struct replica *replica, uint8_t flag)
{
	send_all(replica, (struct replica_message){ .type = REPLICA_ASK,
						    .flag = flag,
						    .number = replica->last,
						    .last_epoch = replica->last_epoch });
}

/* A new node can stand only where all are, for forming the cluster. */
static void stand(struct replica *replica, uint64_t now)
{
	const bool is_new = replica->role == REPLICA_NEW;

	replica->epoch++;
	if (!is_new)
		replica->role = REPLICA_CANDIDATE;
	replica->voted = replica->own;
	replica->votes = 1u << replica->own;
	replica->leader = 0;
	replica->probes = false;
	wait_again(replica, now);
	ask(replica, is_new ? FORM : 0);
	count_votes(replica, now);
}

static void probe(struct replica *replica, uint64_t now)
{
	replica->votes = 1u << replica->own;
	replica->leader = 0;
	replica->probes = true;
	wait_again(replica, now);
	ask(replica, PROBE);
	if (is_majority(replica, 1))
		stand(replica, now);
}

/* There is no leader. */
static void on_silence(struct replica *replica, uint64_t now)
{
	replica->vain++;
	if (replica->role != REPLICA_NEW)
		probe(replica, now);
	else if (replica->last || replica->promises)
		wait_again(replica, now);
	else
		stand(replica, now);
}

static bool is_as_new(const struct replica *replica, const struct replica_message *message)
{
	return message->last_epoch != replica->last_epoch
		       ? message->last_epoch > replica->last_epoch
		       : message->number >= replica->last;
}

static bool hears_leader(const struct replica *replica, uint64_t now)
{
	return replica->leader &&
	       (replica->role == REPLICA_LEADER || now - replica->since < REPLICA_SILENCE_MS / 2);
}

static bool may_vote(const struct replica *replica, bool forms)
{
	const bool is_new = replica->role == REPLICA_NEW;

	return is_new == forms && (!is_new || (!replica->last && !replica->promises));
}

static void on_probe(struct replica *replica, uint8_t peer, const struct replica_message *message)
{
	if (message->epoch >= replica->epoch && may_vote(replica, false) &&
	    is_as_new(replica, message))
		send(replica, peer, (struct replica_message){ .type = REPLICA_VOTE, .flag = WOULD },
		     NULL);
}

static void on_ask(struct replica *replica, uint8_t peer, const struct replica_message *message,
		   uint64_t now)
{
	const bool forms = message->flag == FORM;
	const uint64_t deadline = replica->deadline;

	if (hears_leader(replica, now))
		return;
	if (message->flag == PROBE)
		return on_probe(replica, peer, message);
	if (message->epoch > replica->epoch && (forms || replica->role != REPLICA_NEW)) {
		enter_epoch(replica, message->epoch, now);
		/* Only a vote puts its own election off. */
		replica->deadline = deadline;
	}
	if (message->epoch != replica->epoch || !may_vote(replica, forms) ||
	    (replica->voted && replica->voted != peer) || !is_as_new(replica, message))
		return;
	replica->voted = peer;
	wait_again(replica, now);
	send(replica, peer, (struct replica_message){ .type = REPLICA_VOTE, .flag = GRANTED },
	     NULL);
}

static void on_vote(struct replica *replica, uint8_t peer, const struct replica_message *message,
		    uint64_t now)
{
	const bool stands = replica->role == REPLICA_CANDIDATE ||
			    (replica->role == REPLICA_NEW && replica->voted == replica->own);

	if (message->flag == WOULD && replica->probes && replica->role != REPLICA_LEADER) {
		replica->votes |= 1u << peer;
		if (is_majority(replica, bits(replica->votes)))
			stand(replica, now);
	} else if (message->flag == GRANTED && stands && message->epoch == replica->epoch) {
		replica->votes |= 1u << peer;
		count_votes(replica, now);
	}
}

/* --- new nodes --- */

/* Whether all that this node is, it is by the leader of that epoch, which has done nothing yet. */
static bool is_formed_by(const struct replica *replica, uint8_t peer, uint32_t epoch)
{
	return replica->role != REPLICA_NEW && replica->role != REPLICA_LEADER &&
	       (!replica->leader || replica->leader == peer) && replica->formed == epoch &&
	       (!replica->last || (replica->last == 1 && replica->last_epoch == epoch));
}

/*
 * A node that was heard of as one of a cluster, and is new now, is none of it. If it had led the
 * forming one, and says that it did so in vain, nothing was committed there, nor will be: who
 * followed it is new again, too. Else these would wait for each other for ever.
 */
static void on_hello(struct replica *replica, uint8_t peer, const struct replica_message *message)
{
	if (message->number && is_formed_by(replica, peer, (uint32_t)message->number)) {
		forget(replica);
		replica->last = replica->last_epoch = 0;
		replica->role = REPLICA_NEW;
	}
	if (replica->role == REPLICA_NEW && replica->promises != ~0u)
		replica->promises &= ~(1u << peer);
	if (replica->role != REPLICA_NEW)
		send(replica, peer, (struct replica_message){ .type = REPLICA_PROMISE }, NULL);
}

/*
 * The first one says that there is a cluster: what was done to form one, with votes of new nodes
 * alone, is void.
 */
static void on_promise(struct replica *replica, uint8_t peer, const struct replica_message *message,
		       uint64_t now)
{
	if (replica->role != REPLICA_NEW)
		return;
	if (!replica->promises && message->epoch < replica->epoch) {
		replica->epoch = message->epoch;
		replica->voted = 0;
	}
	if (message->epoch > replica->epoch)
		enter_epoch(replica, message->epoch, now);
	replica->promises |= 1u << peer;
}

/* Whether a leader of this epoch may be joined: no later one can have this node's vote. */
static bool knows_promises(const struct replica *replica)
{
	return replica->role != REPLICA_NEW || replica->promises == ~0u ||
	       replica->voted == replica->leader ||
	       bits(replica->promises) > (replica->count - 1u) / 2;
}

/* --- followers --- */

static void say_state(struct replica *replica, uint8_t leader, uint64_t time)
{
	send(replica, leader,
	     (struct replica_message){ .type = REPLICA_STATE,
				       .flag = replica->role != REPLICA_NEW,
				       .number = replica->last,
				       .last_epoch = replica->last_epoch,
				       .time = time },
	     NULL);
}

/* Formed with this node's vote, of nothing yet. */
static bool was_formed(const struct replica *replica)
{
	return replica->role == REPLICA_NEW && replica->voted == replica->leader && !replica->last;
}

static void on_beat(struct replica *replica, uint8_t peer, const struct replica_message *message)
{
	if (was_formed(replica)) {
		replica->role = REPLICA_FOLLOWER;
		replica->formed = replica->epoch;
	}
	if (replica->role == REPLICA_CANDIDATE)
		replica->role = REPLICA_FOLLOWER;
	if (knows_promises(replica))
		say_state(replica, peer, message->time);
}

static void on_record(struct replica *replica, uint8_t peer, const struct replica_message *message,
		      const void *data)
{
	uint64_t mark;

	if (replica->role != REPLICA_FOLLOWER || message->number != replica->last + 1)
		return;
	mark = message->size ? replica->apply(replica, data, message->size) : 0;
	keep(replica, message->last_epoch, data, message->size, mark);
	if (!message->size && kept(replica, replica->last - 1))
		kept(replica, replica->last)->mark = kept(replica, replica->last - 1)->mark;
	say_state(replica, peer, message->time);
}

/* The old objects stay until all of the new ones are here. */
static void on_copy(struct replica *replica, uint8_t peer, const struct replica_message *message,
		    const void *data)
{
	const uint32_t at = (uint32_t)message->time;

	if (!knows_promises(replica))
		return;
	if (at == 0) {
		free(replica->incoming);
		replica->incoming = malloc(message->whole + 1);
		replica->incoming_size = message->whole;
		replica->incoming_has = 0;
	}
	if (!replica->incoming || at != replica->incoming_has ||
	    message->size > replica->incoming_size - at)
		return;
	memcpy(replica->incoming + at, data, message->size);
	replica->incoming_has += message->size;
	if (replica->incoming_has < replica->incoming_size)
		return;
	forget(replica);
	replica->load(replica, replica->incoming, replica->incoming_size);
	free(replica->incoming);
	replica->incoming = NULL;
	replica->last = message->number;
	replica->last_epoch = message->last_epoch;
	replica->role = REPLICA_FOLLOWER;
	say_state(replica, peer, 0);
}

/* --- the leader --- */

void replica_add(struct replica *replica, const void *data, uint32_t size, uint64_t mark)
{
	keep(replica, replica->epoch, data, size, mark);
}

/* The value that more than half of the nodes have reached, this one among them. */
static uint64_t reached(const struct replica *replica, uint64_t own, bool of_time)
{
	uint64_t best = 0;

	for (uint8_t i = 0; i <= replica->count; i++) {
		const struct replica_peer *one = &replica->peers[i];
		const uint64_t value = i == 0 ? own : of_time ? one->echoed : one->has;
		unsigned nodes = value <= own;
		for (uint8_t k = 1; k <= replica->count; k++)
			if (k != replica->own)
				nodes += (of_time ? replica->peers[k].echoed
						  : replica->peers[k].has) >= value;
		if (i != replica->own && is_majority(replica, nodes) && value > best)
			best = value;
	}
	return best;
}

static void advance(struct replica *replica)
{
	const uint64_t number =
		replica->early ? replica->last : reached(replica, replica->last, false);
	const struct replica_record *record = kept(replica, number);

	if (number > replica->committed && record && record->epoch == replica->epoch) {
		replica->committed = number;
		replica->committed_mark = record->mark;
		replica->settled = true;
	}
	/* Before, what is read here may be of a record that will not be. */
	if (replica->settled)
		replica->confirmed = replica->early
					     ? replica->clock(replica)
					     : reached(replica, replica->clock(replica), true);
}

static void on_state(struct replica *replica, uint8_t peer, const struct replica_message *message,
		     uint64_t now)
{
	struct replica_peer *one = &replica->peers[peer];
	const struct replica_record *record = kept(replica, message->number);
	const bool is_start = message->number == 0;

	one->heard = now;
	one->spoke = true;
	if (message->flag) {
		if (message->time > one->echoed)
			one->echoed = message->time;
		if (!one->matches && !one->copy &&
		    (is_start || (record && record->epoch == message->last_epoch))) {
			one->matches = replica->matched = true;
			one->copied = 0;
			one->next = message->number + 1;
		}
		if (one->matches && message->number > one->has)
			one->has = message->number;
	} else if (one->matches) { /* it has lost what it had */
		*one = (struct replica_peer){ .heard = now };
	}
	advance(replica);
}

static void copy_begin(struct replica *replica, struct replica_peer *one)
{
	one->copy_number = replica->last;
	one->copy_epoch = replica->last_epoch;
	one->copy = replica->copy(replica, &one->copy_size);
	one->copy_sent = 0;
}

static void copy_send(struct replica *replica, uint8_t peer, uint64_t now)
{
	struct replica_peer *one = &replica->peers[peer];

	while (one->copy && replica->room(replica, peer) > 4) {
		const uint32_t left = one->copy_size - one->copy_sent;
		const struct replica_message message = {
			.type = REPLICA_COPY,
			.number = one->copy_number,
			.last_epoch = one->copy_epoch,
			.whole = one->copy_size,
			.time = one->copy_sent,
			.size = left < REPLICA_PIECE ? left : REPLICA_PIECE,
		};
		send(replica, peer, message, one->copy + one->copy_sent);
		one->copy_sent += message.size;
		if (one->copy_sent < one->copy_size)
			continue;
		free(one->copy);
		one->copy = NULL;
		one->copied = now;
	}
}

static void records_send(struct replica *replica, uint8_t peer)
{
	struct replica_peer *one = &replica->peers[peer];

	while (one->next <= replica->last && replica->room(replica, peer) > 4) {
		const struct replica_record *record = kept(replica, one->next);
		if (!record) {
			one->matches = false;
			return;
		}
		send(replica, peer,
		     (struct replica_message){ .type = REPLICA_RECORD,
					       .size = record->size,
					       .number = record->number,
					       .last_epoch = record->epoch,
					       .time = replica->clock(replica) },
		     record->data);
		one->next++;
	}
}

static bool others_hear(const struct replica *replica, uint64_t now)
{
	unsigned nodes = 1;

	for (uint8_t i = 1; i <= replica->count; i++)
		nodes += i != replica->own && now - replica->peers[i].heard < REPLICA_SILENCE_MS;
	return is_majority(replica, nodes);
}

/* A node that has said something that does not match gets all objects. */
static void lead_one(struct replica *replica, uint8_t peer, bool beats, uint64_t now)
{
	struct replica_peer *one = &replica->peers[peer];

	if (beats)
		send(replica, peer,
		     (struct replica_message){ .type = REPLICA_BEAT,
					       .time = replica->clock(replica) },
		     NULL);
	if (one->matches)
		records_send(replica, peer);
	else if (!one->copy && one->spoke && now - one->copied >= COPY_MS)
		copy_begin(replica, one);
	copy_send(replica, peer, now);
}

static void lead(struct replica *replica, uint64_t now)
{
	const bool beats = now >= replica->beat;

	if (!others_hear(replica, now)) {
		enter_epoch(replica, replica->epoch, now);
		replica->leader = 0;
		return;
	}
	if (beats)
		replica->beat = now + REPLICA_BEAT_MS;
	for (uint8_t i = 1; i <= replica->count; i++)
		if (i != replica->own)
			lead_one(replica, i, beats, now);
	advance(replica);
}

/* --- all --- */

/* What a leader of this epoch sends; a later epoch is entered first. */
static bool is_current(struct replica *replica, const struct replica_message *message, uint64_t now)
{
	if (message->epoch > replica->epoch)
		enter_epoch(replica, message->epoch, now);
	return message->epoch == replica->epoch && replica->role != REPLICA_LEADER;
}

static void receive_of_leader(struct replica *replica, uint8_t peer,
			      const struct replica_message *message, const void *data, uint64_t now)
{
	if (!is_current(replica, message, now)) {
		/* It is told of the later epoch, and is no leader then. */
		if (message->type == REPLICA_BEAT)
			say_state(replica, peer, 0);
		return;
	}
	replica->leader = peer;
	replica->vain = 0;
	replica->probes = false;
	wait_again(replica, now);
	if (message->type == REPLICA_BEAT)
		on_beat(replica, peer, message);
	else if (message->type == REPLICA_RECORD)
		on_record(replica, peer, message, data);
	else
		on_copy(replica, peer, message, data);
}

void replica_receive(struct replica *replica, uint8_t peer, const struct replica_message *message,
		     const void *data, uint64_t now)
{
	switch (message->type) {
	case REPLICA_HELLO:
		on_hello(replica, peer, message);
		break;
	case REPLICA_PROMISE:
		on_promise(replica, peer, message, now);
		break;
	case REPLICA_ASK:
		on_ask(replica, peer, message, now);
		break;
	case REPLICA_VOTE:
	case REPLICA_STATE:
		if (message->epoch > replica->epoch && replica->role != REPLICA_NEW)
			enter_epoch(replica, message->epoch, now);
		if (message->type == REPLICA_VOTE)
			on_vote(replica, peer, message, now);
		else if (replica->role == REPLICA_LEADER && message->epoch == replica->epoch)
			on_state(replica, peer, message, now);
		break;
	default:
		receive_of_leader(replica, peer, message, data, now);
	}
}

bool replica_serves(const struct replica *replica)
{
	return replica->role == REPLICA_LEADER && replica->settled;
}

void replica_ask(struct replica *replica)
{
	replica->beat = 0;
}

void replica_peer_lost(struct replica *replica, uint8_t peer)
{
	struct replica_peer *one = &replica->peers[peer];
	const uint64_t heard = one->heard;

	free(one->copy);
	*one = (struct replica_peer){ .heard = heard };
}

void replica_tick(struct replica *replica, uint64_t now)
{
	if (replica->role == REPLICA_LEADER)
		return lead(replica, now);
	if (replica->role == REPLICA_NEW && now >= replica->beat) {
		replica->beat = now + REPLICA_BEAT_MS;
		send_all(replica, (struct replica_message){ .type = REPLICA_HELLO,
							    .number = replica->in_vain });
	}
	if (now >= replica->deadline)
		on_silence(replica, now);
}
