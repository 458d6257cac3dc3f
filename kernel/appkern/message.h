/*
 * Messages to bootstrap threads: step 2 of Figure 4.2, on an application processor, and the part of
 * step 3 in which the boot processor learns of them.
 */
#ifndef KERNEL_APPKERN_MESSAGE_H
#define KERNEL_APPKERN_MESSAGE_H

#include "kernel/appkern/thread.h"

/*
 * On an application processor: take the current thread off it and tell its bootstrap thread why.
 * The thread that goes on. Caller holds nothing.
 */
struct application_thread *message_send_call(struct application_thread *thread);
struct application_thread *message_send_fault(struct application_thread *thread, uint32_t address,
					      bool write);
struct application_thread *message_send_exception(struct application_thread *thread);

/*
 * On the boot processor: has the bootstrap thread of a thread in state APPLICATION_FORWARDING move
 * it. Caller holds driver.
 */
void message_ask_to_move(struct application_thread *thread);

/*
 * On the boot processor, at the second level of the interrupt that says that there are messages:
 * wakes those who wait for them. Caller holds driver.
 */
void message_work(void);

/*
 * Has the calling thread, the bootstrap one of `thread`, wait for its message: 0, CALL_BLOCKED, or
 * -EINTR if there are signals to deal with. Caller holds driver; may block.
 */
int32_t message_wait(struct application_thread *thread);

#endif
