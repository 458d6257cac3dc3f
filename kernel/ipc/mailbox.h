/*
 * Mailboxes: messages on their way to a process, copied into the kernel and out again, oldest
 * first. They are for the thesis's programming model (Section 3.2.1): processes driven by callbacks
 * on events, of which the arrival of a message is one.
 *
 * A mailbox is part of its process; whoever uses one holds a reference to that.
 */
#ifndef KERNEL_IPC_MAILBOX_H
#define KERNEL_IPC_MAILBOX_H

#include <castle/abi.h>
#include <stdbool.h>
#include <stdint.h>
#include "kernel/lock/lock.h"
#include "kernel/mem/user_copy.h"
#include "kernel/sched/wait_queue.h"

/* As many as a burst of short-lived senders plausibly leaves; then they wait. */
#define MAILBOX_MAX 64

struct ring;

/* One that lies in a mailbox. */
struct message {
	struct list messages;
	struct castle_message content;
};

extern struct slab_cache message_cache;

struct mailbox {
	struct list messages;
	uint32_t count;
	bool closed; /* its process is going: nothing is received any more */
	LOCK_MEMBER(lock);
	LOCK_FREE_MEMBER(struct ring *, ring); /* messages; NULL: there has been none */
	struct wait_queue receivers;
	struct wait_queue senders; /* that found it full */
};

/* At boot. */
void mailbox_init_cache(void);

/* An empty, open mailbox. Caller holds nothing. */
void mailbox_init(struct mailbox *mailbox);

/*
 * The process is going: its messages are lost, those who wait to send look again, and nobody can
 * wait from now on. Caller holds nothing.
 */
void mailbox_close(struct mailbox *mailbox);

/*
 * Puts a copy of the message in, and wakes a receiver. 0; -ESRCH if the mailbox is closed, -ENOMEM;
 * or what waiting until there is room gives. Caller holds nothing; may block.
 */
int32_t mailbox_send(struct mailbox *mailbox, const struct castle_message *message);

/*
 * Moves the oldest message to the program's memory at `address`. 0; -EAGAIN if there is none and
 * `wait` is false; -EFAULT, and the message stays; or what waiting for one gives. Caller holds
 * nothing; may block.
 */
int32_t mailbox_receive(struct mailbox *mailbox, user_addr_t address, bool wait);

/*
 * Nobody uses the mailbox any more, whose process is about to be freed; for the lock-free kernel
 * alone. Caller holds nothing.
 */
void mailbox_discard(struct mailbox *mailbox);

#endif
