/*
 * Calls that are under one object's lock as a whole, where objects have locks (Section 2.3.3). All
 * others take the locks of what they come by, one after the other.
 */
#include "kernel/calls/numbers.h"
#include "kernel/lock/lock.h"
#include "kernel/proc/process_timer.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"
#include "kernel/proc/thread.h"
#include "kernel/sched/futex.h"
#include "kernel/sched/thread.h"

static int32_t futex_wait_own(uint32_t word, uint32_t expected, uint32_t timeout)
{
	return lock_around(futex, futex_lock(current_thread->container, word),
			   sys_futex_wait(word, expected, timeout));
}

static int32_t futex_wake_own(uint32_t word, uint32_t count)
{
	return lock_around(futex, futex_lock(current_thread->container, word),
			   sys_futex_wake(word, count));
}

LOCK_POINTER(call_table[NUMBER_futex_wait], futex_wait_own, futex);
LOCK_POINTER(call_table[NUMBER_futex_wake], futex_wake_own, futex);

typedef int32_t (*call_t)(uint32_t, uint32_t, uint32_t);

/* A thread that the call has made wait may run elsewhere by the end of it: so the lock is found
 * before. */
static inline int32_t call_in_process(call_t call, uint32_t first, uint32_t second, uint32_t third)
{
	return lock_around(process, &current_process()->lock, call(first, second, third));
}

/* What the calling process's own lock is for, from beginning to end. */
#pragma GCC diagnostic ignored "-Wcast-function-type"
#define CALL_IN_PROCESS(name)                                                      \
	static int32_t name##_own(uint32_t first, uint32_t second, uint32_t third) \
	{                                                                          \
		return call_in_process((call_t)sys_##name, first, second, third);  \
	}                                                                          \
	LOCK_POINTER(call_table[NUMBER_##name], name##_own, process)

CALL_IN_PROCESS(wait);
CALL_IN_PROCESS(getppid);
CALL_IN_PROCESS(thread_kill);
CALL_IN_PROCESS(sigaction);
CALL_IN_PROCESS(sigprocmask);
CALL_IN_PROCESS(sigreturn);
CALL_IN_PROCESS(sigsuspend);
CALL_IN_PROCESS(times);
CALL_IN_PROCESS(timer);
CALL_IN_PROCESS(sigmask);
CALL_IN_PROCESS(sigtimedwait);
CALL_IN_PROCESS(sigpending);
