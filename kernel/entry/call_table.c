/*
 * The table of system calls, made from include/castle/calls.h. The entry code jumps through it,
 * with the arguments in registers as -mregparm=3 has them.
 */
#include <castle/abi.h>
#include "kernel/measure/account.h"
#include "kernel/calls/info.h"
#include "kernel/dev/power.h"
#include "kernel/debug/trace.h"
#include "kernel/dev/console.h"
#include "kernel/calls/file_calls.h"
#include "kernel/calls/break.h"
#include "kernel/proc/process.h"
#include "kernel/proc/thread.h"
#include "kernel/proc/signal.h"
#include "kernel/sched/futex.h"
#include "kernel/sched/wait_queue.h"
#include "kernel/calls/message_calls.h"
#include "kernel/calls/time_calls.h"

/* A fourth argument is in the thread's frame, as ebp: only spawn() has one. */
typedef int32_t (*call_t)(uint32_t, uint32_t, uint32_t);

/*
 * Handlers take as many arguments as they need: those in registers do no harm when they are unused.
 */
#pragma GCC diagnostic ignored "-Wcast-function-type"
const call_t call_table[CASTLE_CALL_COUNT] = {
#define CALL(number, name) [number] = (call_t)sys_##name,
#include <castle/calls.h>
#undef CALL
};

const uint32_t call_count = CASTLE_CALL_COUNT;

int32_t call_restart(struct thread *thread)
{
	const struct trap_frame *frame = &thread->frame;

	return call_table[frame->eax](frame->ebx, frame->esi, frame->edi);
}
