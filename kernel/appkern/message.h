/*
 * Messages to bootstrap threads: step 2 of Figure 4.2, on an application processor, and the part of
 * step 3 in which the boot processor learns of them.
 */
#ifndef KERNEL_APPKERN_MESSAGE_H
#define KERNEL_APPKERN_MESSAGE_H

#include "kernel/appkern/thread.h"

/* Takes the current thread off this processor and tells its bootstrap thread why. Who goes on. */
struct application_thread *message_send_call(struct application_thread *thread);
struct application_thread *message_send_fault(struct application_thread *thread, uint32_t address,
					      bool write);
struct application_thread *message_send_exception(struct application_thread *thread);

/*
 * On the boot processor: has the bootstrap thread of one in state APPLICATION_FORWARDING move it.
 */
void message_ask_to_move(struct application_thread *thread);

/* On the boot processor. `line`: the interrupt that says that there are messages. */
void message_init(uint32_t line);

/* Tells the boot processor to look; from any application processor. */
void message_interrupt_boot_processor(void);

/*
 * Has the calling thread, the bootstrap one of `thread`, wait for its message: 0, CALL_BLOCKED, or
 * -EINTR if there are signals to deal with.
 */
int32_t message_wait(struct application_thread *thread);

#endif
