/*
 * What the application kernel asks of the kernel beside which it runs, the native kernel (Section
 * 4.3.3: its requirements). Neither the part of it that knows no processor nor the one that knows
 * IA-32 includes any other header of that kernel's: who has another uniprocessor kernel fills this
 * one, and writes a driver like those of this folder. Here it is Castle, and most of it costs
 * nothing: these are its functions by other names.
 *
 * Lists, ready queues, assertions, the event log (TRACE…) and the lock-order checker (lock_…,
 * assert_held, GUARDED_BY …) go by their own names: they depend on nothing, and may be left empty.
 *
 * What stands here is called on the boot processor, by those who hold what the application kernel's
 * own functions say, unless it says otherwise.
 */
#ifndef KERNEL_APPKERN_CASTLE_NATIVE_H
#define KERNEL_APPKERN_CASTLE_NATIVE_H

#include <castle/abi.h>
#include <castle/address_map.h>
#include "kernel/debug/lock_order.h"
#include "kernel/debug/panic.h"
#include "kernel/debug/trace.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/list.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/container.h"
#include "kernel/mem/page.h"
#include "kernel/mem/page_table.h"
#include "kernel/mem/slab.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"
#include "kernel/proc/thread.h"
#include "kernel/sched/ready_queue.h"
#include "kernel/sched/scheduler.h"
#include "kernel/sched/wait_queue.h"
#include "kernel/time/timer.h"

/* --- memory ----------------------------------------------------------------------------------- */

#define native_page_alloc_zeroed page_alloc_zeroed /* NULL when there is none */
#define native_page_alloc_run    page_alloc_run    /* 2^order pages */
#define native_page_free         page_free
#define native_page_free_run     page_free_run
#define native_table_alloc       page_table_alloc /* a zeroed page to be a page table */
#define native_table_free        page_table_free

/* Memory for application threads, zeroed and aligned to 16 bytes; NULL when there is none. */
extern struct slab_cache native_thread_memory;
#define native_threads_init(size)  slab_cache_init(&native_thread_memory, "app thread", size, 16)
#define native_thread_alloc()      slab_alloc_zeroed(&native_thread_memory)
#define native_thread_free(thread) slab_free(&native_thread_memory, thread)

/* --- address spaces (requirement 2) ----------------------------------------------------------- */

/* What all containers have in common ends where programs' code begins, what programs share there
 * where their own memory does. */
#define NATIVE_CODE_BASE    CASTLE_CODE_BASE
#define NATIVE_PRIVATE_BASE CASTLE_CONTAINER_BASE
#define NATIVE_USER_BASE    CASTLE_USER_BASE
#define NATIVE_USER_END     CASTLE_USER_END

/* The container's page directory; NULL as long as it has but one entry of its own: that for
 * NATIVE_PRIVATE_BASE, which is the other. On any processor. */
#define native_directory(space_container) ((space_container)->directory)
#define native_first_entry                container_initial_entry

/* --- who calls -------------------------------------------------------------------------------- */

/* The thread that has entered the native kernel, a bootstrap thread; and what it is. */
#define native_caller()         current_thread
#define native_priority(thread) ((thread)->priority)
#define native_tid(thread)      ((thread)->tid)
#define native_pid()            (current_process()->pid)

/* Whether a program's call ends the thread that makes it. On any processor. */
#define native_call_ends(number) \
	((number) == CASTLE_CALL_exit || (number) == CASTLE_CALL_thread_exit)

/* --- waiting (step 3 of Figure 4.2) ----------------------------------------------------------- */

/* Bootstrap threads that wait for messages. */
struct native_waiters {
	struct wait_queue queue;
};

#define native_waiters_init(waiters) wait_queue_init(&(waiters)->queue, driver)
#define native_wake(waiters)         wait_queue_wake_all(&(waiters)->queue)

/* The calling thread waits, or lets others go first. The call returns what this does. */
#define native_wait(waiters) wait_queue_block(&(waiters)->queue, native_wait_end)
#define native_yield         sys_yield

/*
 * What a thread that waited returns to its program: 0, or -EINTR if a signal ended the wait. Caller
 * holds driver.
 */
int32_t native_wait_end(struct thread *thread);

/* Whether there are others; or anything that wants the calling thread out of the kernel. */
#define native_has_other scheduler_has_other
#define native_is_wanted scheduler_is_wanted

/* Has `work` run soon after an interrupt handler has raised it, not in the middle of anything. */
#define native_work_register(work) supervisor_register(SUPERVISOR_DRIVER, work)
#define native_work_raise()        supervisor_raise(SUPERVISOR_DRIVER)

/* --- migration, an option --------------------------------------------------------------------- */

#define native_is_idle scheduler_is_idle

/* A thread's memory stays until it is released. */
#define native_thread_keep         thread_reference
#define native_thread_release      thread_release
#define native_thread_has_ended    thread_has_ended
#define native_thread_is_computing thread_is_computing

/* The thread goes behind those of its priority that are ready. */
#define native_thread_step_back scheduler_step_back

/* Sends the thread the signal that has it give its program's code back, and takes that back. */
#define native_thread_recall(thread)        signal_send_thread(thread, CASTLE_SIGRECALL)
#define native_thread_recall_cancel(thread) signal_cancel(thread, CASTLE_SIGRECALL)

/* --- time, and the end ------------------------------------------------------------------------ */

#define NATIVE_TICK_HZ TICK_HZ

/* Has `tick` run at each tick from now on. At boot. */
void native_each_tick(void (*tick)(void));

/* The native kernel's last words, about registers that are not its own. */
#define native_panic panic_trap

#endif
