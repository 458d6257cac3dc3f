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
#include "kernel/calls/map.h"
#include "kernel/proc/limit.h"
#include "kernel/proc/process_timer.h"
#include "kernel/proc/group.h"
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
 * Handlers take as many arguments as they need, up to three: those in registers do no harm when
 * they are unused. The cast would hide a handler that wants more, or wants something else than
 * words: this does not compile for one.
 */
#define IS_CALL(name, ...) __builtin_types_compatible_p(typeof(sys_##name), int32_t(__VA_ARGS__))
#define IS_CALL_1(name, ...) \
	(IS_CALL(name, int32_t __VA_ARGS__) || IS_CALL(name, uint32_t __VA_ARGS__))
#define IS_CALL_2(name, ...) \
	(IS_CALL_1(name, , int32_t __VA_ARGS__) || IS_CALL_1(name, , uint32_t __VA_ARGS__))
#define IS_CALL_3(name) (IS_CALL_2(name, , int32_t) || IS_CALL_2(name, , uint32_t))
#define CALL(number, name)                                                          \
	_Static_assert(IS_CALL(name, void) || IS_CALL_1(name) || IS_CALL_2(name) || \
			       IS_CALL_3(name),                                     \
		       "sys_" #name "() is not int32_t of up to three words");
#include <castle/calls.h>
#undef CALL

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
