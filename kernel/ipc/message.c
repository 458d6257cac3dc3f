/*
 * Mailboxes: messages are copied into the kernel and out again, oldest first.
 */
#include "kernel/ipc/message.h"

#include <castle/abi.h>
#include <castle/errno.h>
#include "kernel/lock/domain.h"
#include "kernel/measure/statistics.h"
#include "kernel/lib/string.h"
#include "kernel/mem/container.h"
#include "kernel/mem/slab.h"
#include "kernel/mem/user_copy.h"
#include "kernel/mem/package.h"
#include "kernel/proc/process.h"

/* As many as a burst of short-lived senders plausibly leaves; then they wait. */
#define MAILBOX_MAX 64

struct message {
	struct list messages;
	struct castle_message content;
};

static struct slab_cache message_cache GUARDED_BY(slabs);

void message_init_cache(void)
{
	slab_cache_init(&message_cache, "message", sizeof(struct message), sizeof(void *));
}

void mailbox_init(struct mailbox *mailbox)
{
	list_init(&mailbox->messages);
	mailbox->count = 0;
	wait_queue_init(&mailbox->receivers);
	wait_queue_init(&mailbox->senders);
}

static struct message *mailbox_take(struct mailbox *mailbox)
{
	struct message *message = list_entry(mailbox->messages.next, struct message, messages);

	list_remove(&message->messages);
	mailbox->count--;
	return message;
}

void mailbox_close(struct mailbox *mailbox)
{
	while (mailbox->count > 0)
		slab_free(&message_cache, mailbox_take(mailbox));
	wait_queue_wake_all(&mailbox->senders);
}

static struct process *process_of_program(const char *name)
{
	struct list *node;

	list_for_each (node, &process_list) {
		struct process *process = list_entry(node, struct process, all);
		if (!process->ended && strcmp(process->container->package->name, name) == 0)
			return process;
	}
	return NULL;
}

/* The process that the message is for; a dynamic one is created now. */
static int message_receiver(struct castle_message *message, struct process **receiver)
{
	if (message->to != 0) {
		*receiver = process_find(message->to);
		return *receiver && !(*receiver)->ended ? 0 : -ESRCH;
	}
	message->name[sizeof message->name - 1] = '\0';
	*receiver = process_of_program(message->name);
	return *receiver ? 0 : process_start_dynamic(message->name, receiver);
}

int32_t sys_send(uint32_t address)
{
	struct castle_message content;
	struct process *receiver;
	struct message *message;
	int error = copy_from_user(&content, address, sizeof content);

	if (!error && content.size > CASTLE_MESSAGE_SIZE)
		error = -EINVAL;
	if (!error)
		error = message_receiver(&content, &receiver);
	if (error)
		return error;
	if (receiver->mailbox.count == MAILBOX_MAX)
		return wait_queue_block_restart(&receiver->mailbox.senders);
	message = slab_alloc(&message_cache);
	if (!message)
		return -ENOMEM;
	message->content = content;
	message->content.to = receiver->pid;
	message->content.from = current_process()->pid;
	list_append(&receiver->mailbox.messages, &message->messages);
	receiver->mailbox.count++;
	statistic_messages++;
	wait_queue_wake_one(&receiver->mailbox.receivers);
	return receiver->pid;
}

int32_t sys_receive(uint32_t address, uint32_t flags)
{
	struct mailbox *mailbox = &current_process()->mailbox;
	struct message *message;
	int error;

	if (flags & ~CASTLE_NOWAIT)
		return -EINVAL;
	if (mailbox->count == 0)
		return flags & CASTLE_NOWAIT ? -EAGAIN
					     : wait_queue_block_restart(&mailbox->receivers);
	message = mailbox_take(mailbox);
	error = copy_to_user(address, &message->content, sizeof message->content);
	slab_free(&message_cache, message);
	wait_queue_wake_one(&mailbox->senders);
	return error;
}
