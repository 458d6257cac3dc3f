/*
 * The system calls on messages. A process that is named and does not exist is created: a dynamic
 * process (Section 3.2.1). Contract of all functions here: caller holds nothing; may block.
 */
#ifndef KERNEL_CALLS_MESSAGE_CALLS_H
#define KERNEL_CALLS_MESSAGE_CALLS_H

#include <stdint.h>

/*
 * Sends a struct castle_message. To a process identifier (-ESRCH if there is none); or, with `to`
 * zero, to the process that runs the program `name`, which is started if none does (spawn()'s
 * errors). Waits while the receiver's mailbox is full. The receiver's process identifier.
 */
int32_t sys_send(uint32_t message);

/*
 * Receives the oldest message into a struct castle_message. Waits, or -EAGAIN with CASTLE_NOWAIT.
 * 0.
 */
int32_t sys_receive(uint32_t message, uint32_t flags);

#endif
