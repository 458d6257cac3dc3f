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
	struct process *process = NULL;
	bool runs = false;

	while (!runs && (process = process_next(process))) {
		process_lock(process);
		runs = !process->ending && strcmp(process->container->package->name, name) == 0;
		process_unlock(process);
	}
	return process;
}

/* Of a program there is one dynamic process at most: one is looked for, and started, at a time. */
static int process_dynamic(const char *name, struct process **receiver)
{
	int error = 0;

	kernel_enter();
	lock_acquire(programs, &programs_lock);
	*receiver = process_of_program(name);
	if (!*receiver)
		error = process_start_dynamic(name, receiver);
	lock_release(programs, &programs_lock);
	kernel_leave();
	return error;
}

/* Mostly it runs already, and nobody has to wait for anybody. */
static int process_named(const char *name, struct process **receiver)
{
	kernel_enter();
	*receiver = process_of_program(name);
	kernel_leave();
	return *receiver ? 0 : process_dynamic(name, receiver);
}

/* The process that the message is for, with a reference; a dynamic one is created now. */
static int message_receiver(struct castle_message *message, struct process **receiver)
{
	if (message->to == 0) {
		message->name[sizeof message->name - 1] = '\0';
		return process_named(message->name, receiver);
	}
	tasks_enter();
	*receiver = process_find(message->to);
	tasks_leave();
	return *receiver ? 0 : -ESRCH;
}

int32_t sys_send(uint32_t address)
{
	struct castle_message message;
	struct process *receiver;
	int32_t result = copy_from_user(&message, address, sizeof message);

	if (!result && message.size > CASTLE_MESSAGE_SIZE)
		result = -EINVAL;
	if (!result)
		result = message_receiver(&message, &receiver);
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
