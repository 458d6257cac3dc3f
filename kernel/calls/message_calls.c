/*
 * Whom a message is for.
 */
#include "kernel/calls/message_calls.h"

#include <castle/errno.h>
#include "kernel/ipc/mailbox.h"
#include "kernel/lib/string.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/container.h"
#include "kernel/mem/package.h"
#include "kernel/proc/process.h"

/* With a reference for the caller; NULL if no process runs the program. */
static struct process *process_of_program(const char *name)
{
	struct list *node;

	list_for_each (node, &process_list) {
		struct process *process = list_entry(node, struct process, all);
		if (!process->ending && strcmp(process->container->package->name, name) == 0)
			return process_reference(process);
	}
	return NULL;
}

/* The process that the message is for, with a reference; a dynamic one is created now. */
static int message_receiver(struct castle_message *message, struct process **receiver)
{
	if (message->to != 0) {
		*receiver = process_find(message->to);
		return *receiver ? 0 : -ESRCH;
	}
	message->name[sizeof message->name - 1] = '\0';
	*receiver = process_of_program(message->name);
	return *receiver ? 0 : process_start_dynamic(message->name, receiver);
}

int32_t sys_send(uint32_t address)
{
	struct castle_message message;
	struct process *receiver;
	int32_t result = copy_from_user(&message, address, sizeof message);

	if (!result && message.size > CASTLE_MESSAGE_SIZE)
		result = -EINVAL;
	kernel_enter();
	if (!result)
		result = message_receiver(&message, &receiver);
	kernel_leave();
	if (result)
		return result;
	message.to = receiver->pid;
	message.from = current_process()->pid;
	lock_acquire(ipc, &ipc_lock);
	lock_acquire(mailbox, &receiver->mailbox.lock);
	result = receiver->ending ? -ESRCH : mailbox_send(&receiver->mailbox, &message);
	lock_release(mailbox, &receiver->mailbox.lock);
	lock_release(ipc, &ipc_lock);
	if (result == 0)
		result = receiver->pid;
	process_release(receiver);
	return result;
}

int32_t sys_receive(uint32_t address, uint32_t flags)
{
	struct mailbox *mailbox = &current_process()->mailbox;
	int32_t result;

	if (flags & ~CASTLE_NOWAIT)
		return -EINVAL;
	lock_acquire(mailbox, &mailbox->lock);
	result = mailbox_receive(mailbox, address, !(flags & CASTLE_NOWAIT));
	lock_release(mailbox, &mailbox->lock);
	return result;
}
