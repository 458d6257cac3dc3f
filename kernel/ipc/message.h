/*
 * Messages between processes, for the thesis's programming model (Section 3.2.1): processes driven
 * by callbacks on events, of which the arrival of a message is one. A process that is named and
 * does not exist is created: a dynamic process.
 */
#ifndef KERNEL_IPC_MESSAGE_H
#define KERNEL_IPC_MESSAGE_H

#include <stdint.h>
#include "kernel/sched/wait_queue.h"

/* Messages on their way to one process. */
struct mailbox {
	struct list messages;
	uint32_t count;
	struct wait_queue receivers;
	struct wait_queue senders; /* that found it full */
};

void message_init_cache(void);
void mailbox_init(struct mailbox *mailbox);

/* The process is going: its messages are lost, those who waited to send look again. */
void mailbox_close(struct mailbox *mailbox);

/*
 * Sends a struct castle_message. To a process identifier (-ESRCH if there is none); or, with `to`
 * zero, to the process that runs the program `name`, which is started if none does (spawn()'s
 * errors). Waits while the receiver's mailbox is full. The receiver's process identifier.
 */
int32_t sys_send(uint32_t message);

/* Receives the oldest message into a struct castle_message. Waits, or -EAGAIN with CASTLE_NOWAIT.
 * 0. */
int32_t sys_receive(uint32_t message, uint32_t flags);

#endif
