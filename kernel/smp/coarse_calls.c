/*
 * The calls of a kernel with a lock a subsystem (Section 2.3.2): each takes the lock of the
 * subsystem that it is a call into, and holds it to its end. The table of calls names these
 * functions, in place of those that take nothing, where the organisation has the lock. A call that
 * waits gives the lock up, since it holds nothing, and starts over by the table.
 *
 * What is missing here needs no lock of a subsystem, or takes several, one after the other: getpid,
 * gettid, getcpu, yield, nanosleep, clock_gettime, set_tls, brk, mark; all calls on descriptors,
 * whose files know what they belong to; send; account, poll_console and poweroff, which take a
 * driver's lock.
 */
#include <castle/abi.h>
#include "kernel/calls/file_calls.h"
#include "kernel/calls/info.h"
#include "kernel/calls/message_calls.h"
#include "kernel/calls/numbers.h"
#include "kernel/lock/lock.h"
#include "kernel/proc/limit.h"
#include "kernel/proc/process_timer.h"
#include "kernel/proc/group.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"
#include "kernel/proc/thread.h"
#include "kernel/sched/futex.h"

typedef int32_t (*call_t)(uint32_t, uint32_t, uint32_t);

/* The giant lock is for what has no other. */
static inline int32_t call_in_kernel(call_t call, uint32_t first, uint32_t second, uint32_t third)
{
	return giant_lock_around(call(first, second, third));
}

#define call_in_tasks call_in_kernel

static inline int32_t call_in_files(call_t call, uint32_t first, uint32_t second, uint32_t third)
{
	return lock_around(files, &files_lock, call(first, second, third));
}

static inline int32_t call_in_ipc(call_t call, uint32_t first, uint32_t second, uint32_t third)
{
	return lock_around(ipc, &ipc_lock, call(first, second, third));
}

#pragma GCC diagnostic ignored "-Wcast-function-type"
#define CALL_IN(domain, name)                                                              \
	static int32_t name##_in_##domain(uint32_t first, uint32_t second, uint32_t third) \
	{                                                                                  \
		return call_in_##domain((call_t)sys_##name, first, second, third);         \
	}                                                                                  \
	LOCK_POINTER(call_table[NUMBER_##name], name##_in_##domain, domain)

CALL_IN(kernel, info);

CALL_IN(tasks, exit);
CALL_IN(tasks, spawn);
CALL_IN(tasks, fork);
CALL_IN(tasks, exec);
CALL_IN(tasks, wait);
CALL_IN(tasks, getppid);
CALL_IN(tasks, thread_create);
CALL_IN(tasks, thread_exit);
CALL_IN(tasks, thread_kill);
CALL_IN(tasks, kill);
CALL_IN(tasks, sigaction);
CALL_IN(tasks, sigprocmask);
CALL_IN(tasks, sigreturn);
CALL_IN(tasks, sigsuspend);
CALL_IN(tasks, times);
CALL_IN(tasks, setpgid);
CALL_IN(tasks, getpgid);
CALL_IN(tasks, timer);
CALL_IN(tasks, limit);
CALL_IN(tasks, sigmask);
CALL_IN(tasks, sigtimedwait);
CALL_IN(tasks, sigpending);
CALL_IN(tasks, sigqueue);
CALL_IN(tasks, sigaltstack);

CALL_IN(files, stat);
CALL_IN(files, lstat);
CALL_IN(files, symlink);
CALL_IN(files, readlink);
CALL_IN(files, unlink);
CALL_IN(files, link);
CALL_IN(files, rename);
CALL_IN(files, mkdir);
CALL_IN(files, rmdir);
CALL_IN(files, chdir);
CALL_IN(files, getcwd);
CALL_IN(files, chmod);
CALL_IN(files, truncate);
CALL_IN(files, utime);

CALL_IN(ipc, futex_wait);
CALL_IN(ipc, futex_wake);
CALL_IN(ipc, receive);
