/*
 * Mailboxes.
 */
#include "kernel/ipc/mailbox.h"

#include <castle/errno.h>
#include "kernel/measure/statistics.h"
#include "kernel/mem/slab.h"

struct slab_cache message_cache GUARDED_BY(slabs);

void mailbox_init_cache(void)
{
	slab_cache_init(&message_cache, "message", sizeof(struct message), sizeof(void *));
}

void mailbox_init(struct mailbox *mailbox)
{
	list_init(&mailbox->messages);
	mailbox->count = 0;
	mailbox->closed = false;
	wait_queue_init(&mailbox->receivers, mailbox);
	wait_queue_init(&mailbox->senders, mailbox);
}

/* The oldest message is no longer in the mailbox. */
static void mailbox_drop(struct mailbox *mailbox)
{
	struct message *message = list_entry(mailbox->messages.next, struct message, messages);

	list_remove(&message->messages);
	mailbox->count--;
	slab_free(&message_cache, message);
}

LOCK_REPLACED void mailbox_close(struct mailbox *mailbox)
{
	mailbox->closed = true;
	while (mailbox->count > 0)
		mailbox_drop(mailbox);
	wait_queue_wake_all(&mailbox->senders);
}

LOCK_REPLACED int32_t mailbox_send(struct mailbox *mailbox, const struct castle_message *content)
{
	struct message *message;

	if (mailbox->closed)
		return -ESRCH;
	if (mailbox->count == MAILBOX_MAX)
		return wait_queue_block_restart(&mailbox->senders);
	message = slab_alloc(&message_cache);
	if (!message)
		return -ENOMEM;
	message->content = *content;
	list_append(&mailbox->messages, &message->messages);
	mailbox->count++;
	statistic_messages++;
	wait_queue_wake_one(&mailbox->receivers);
	return 0;
}

/* A message is gone from the mailbox only once the receiver has it. */
LOCK_REPLACED int32_t mailbox_receive(struct mailbox *mailbox, user_addr_t address, bool wait)
{
	const struct message *message;

	if (mailbox->count == 0)
		return wait ? wait_queue_block_restart(&mailbox->receivers) : -EAGAIN;
	message = list_entry(mailbox->messages.next, struct message, messages);
	if (copy_to_user(address, &message->content, sizeof message->content) != 0)
		return -EFAULT;
	mailbox_drop(mailbox);
	wait_queue_wake_one(&mailbox->senders);
	return 0;
}
