/*
 * Mailboxes without a lock: messages are in a ring, which is made when the first one comes.
 *
 * Who finds nothing to do waits first, and looks again after that; who has changed something looks
 * for those who wait after that: one of the two sees the other. A receiver copies the oldest
 * message to its program before it takes it, for that may fail, and looks once more if another was
 * first; meanwhile that one's message is not freed (kernel/smp/epoch.h).
 */
#include <castle/errno.h>
#include "kernel/lib/string.h"
#include "kernel/lock/lock.h"
#include "kernel/measure/statistics.h"
#include "kernel/mem/slab.h"
#include "kernel/proc/process.h"
#include "kernel/sched/thread.h"
#include "kernel/smp/epoch.h"
#include "kernel/smp/ring.h"

_Static_assert(RING_SLOTS == MAILBOX_MAX, "as many as with a lock");

static inline struct message *message_at(const struct ring_place *place)
{
	return (struct message *)place->slot.word;
}

static inline struct ring *ring_of(const struct mailbox *mailbox)
{
	return __atomic_load_n(&mailbox->ring, __ATOMIC_ACQUIRE);
}

static inline bool is_closed(const struct mailbox *mailbox)
{
	return __atomic_load_n(&mailbox->closed, __ATOMIC_RELAXED);
}

/* The ring is a structure of its own, since hardly any process receives messages. */
__attribute__((noinline)) static struct ring *ring_make(struct mailbox *mailbox)
{
	struct ring *made = kmem_alloc(sizeof *made), *other = NULL;

	if (!made)
		return NULL;
	memset(made, 0, sizeof *made);
	if (__atomic_compare_exchange_n(&mailbox->ring, &other, made, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return made;
	kmem_free(made, sizeof *made);
	return other;
}

/* All that is in there. */
static void ring_drain(struct ring *ring)
{
	struct ring_place place;

	while (ring_look(ring, &place))
		if (ring_take(ring, &place))
			epoch_retire(message_at(&place));
}

static void mailbox_close_free(struct mailbox *mailbox)
{
	(void)__atomic_exchange_n(&mailbox->closed, true, __ATOMIC_SEQ_CST);
	if (ring_of(mailbox))
		ring_drain(ring_of(mailbox));
	wait_queue_wake_all(&mailbox->senders);
}

void mailbox_discard(struct mailbox *mailbox)
{
	if (mailbox->ring)
		kmem_free(mailbox->ring, sizeof *mailbox->ring);
}

/* The sender holds a reference to the mailbox's process, and looks once it waits. */
static int32_t wait_for_room(struct mailbox *mailbox, const struct ring *ring)
{
	const int32_t result = wait_queue_block_restart(&mailbox->senders);

	if (!ring_is_full(ring) || is_closed(mailbox))
		wait_queue_wake_one(&mailbox->senders);
	return result;
}

/* False if the ring has become full. Whoever closed the mailbox meanwhile may not have seen it. */
static bool put(struct mailbox *mailbox, struct ring *ring, struct message *message)
{
	if (!ring_append(ring, (uint32_t)message))
		return false;
	statistic_messages++;
	if (is_closed(mailbox))
		ring_drain(ring);
	wait_queue_wake_one(&mailbox->receivers);
	return true;
}

static int32_t mailbox_send_free(struct mailbox *mailbox, const struct castle_message *content)
{
	struct ring *ring = ring_of(mailbox);
	struct message *message;

	if (is_closed(mailbox))
		return -ESRCH;
	if (!ring && !(ring = ring_make(mailbox)))
		return -ENOMEM;
	if (ring_is_full(ring))
		return wait_for_room(mailbox, ring);
	message = slab_alloc(&message_cache);
	if (!message)
		return -ENOMEM;
	message->content = *content;
	if (put(mailbox, ring, message))
		return 0;
	slab_free(&message_cache, message);
	return wait_for_room(mailbox, ring);
}

/* A copy of the oldest message, and its place; false if there is none. */
static bool look(const struct mailbox *mailbox, struct ring_place *place,
		 struct castle_message *content)
{
	struct ring *ring = ring_of(mailbox);
	bool found;

	if (!ring)
		return false;
	epoch_enter();
	found = ring_look(ring, place);
	if (found)
		*content = message_at(place)->content;
	epoch_leave();
	return found;
}

/*
 * Once the thread waits, it may run elsewhere and end, and its process with it, of which the
 * mailbox is a part.
 */
static int32_t wait_for_message(struct mailbox *mailbox)
{
	struct process *process = process_reference(current_process());
	const int32_t result = wait_queue_block_restart(&mailbox->receivers);

	if (ring_of(mailbox) && !ring_is_empty(ring_of(mailbox)))
		wait_queue_wake_one(&mailbox->receivers);
	process_release(process);
	return result;
}

static int32_t mailbox_receive_free(struct mailbox *mailbox, user_addr_t address, bool wait)
{
	struct castle_message content;
	struct ring_place place;

	do {
		if (!look(mailbox, &place, &content))
			return wait ? wait_for_message(mailbox) : -EAGAIN;
		if (copy_to_user(address, &content, sizeof content) != 0)
			return -EFAULT;
	} while (!ring_take(ring_of(mailbox), &place));
	epoch_retire(message_at(&place));
	wait_queue_wake_one(&mailbox->senders);
	return 0;
}

LOCK_FREE_FUNCTION(mailbox_close, mailbox_close_free);
LOCK_FREE_FUNCTION(mailbox_send, mailbox_send_free);
LOCK_FREE_FUNCTION(mailbox_receive, mailbox_receive_free);
