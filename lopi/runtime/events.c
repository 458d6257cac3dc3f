/*
 * What happens when a function is entered or left and the payload is more than a few instructions
 * (instr_func_enter and instr_func_leave, Figures 5.5 and 5.6 of the thesis). The hooks are
 * compiled in here, so that they are inlined.
 */
#include "thread.h"

#include LOPI_HOOKS

/* Hooks that need no callers are called without activations, or by the stubs alone. */
#ifdef LOPI_NO_CALLERS
#define CALLS_ARE_KNOWN 0
#else
#define CALLS_ARE_KNOWN 1
#endif

/* The linker finds by these names that all objects, and the library, are for the same payload. */
#define PAYLOAD_NAME_(name) lopi_library_of_payload_##name
#define PAYLOAD_NAME(name)  PAYLOAD_NAME_(name)
LOPI_EXPORTED const char PAYLOAD_NAME(LOPI_PAYLOAD) = 1;

#define HANDLER LOPI_ARGUMENTS_IN_REGISTERS LOPI_EXPORTED __attribute__((used))
#define COLD    __attribute__((noinline, cold))

enum { FIRST_ROOM = 256, MOST_ARGUMENTS = 64 };

/* The stack doubles, by moving. The old one stays: a signal may have come while it was being used.
 */
static COLD void grow(struct lopi_thread *thread)
{
	uint32_t room = thread->room ? 2 * thread->room : FIRST_ROOM;
	struct lopi_activation *grown = lopi_pages_get(room * sizeof(*grown));

	lopi_thread_register();
	if (!grown)
		LOPI_PROGRAM_WRONG("lopi: no memory for calls under way\n");
	for (uint32_t index = 0; index < thread->depth; index++)
		grown[index] = thread->activations[index];
	thread->activations = grown;
	thread->room = room;
}

static inline struct lopi_activation *place_of(const struct lopi_thread *thread)
{
	return *(struct lopi_activation *const volatile *)&thread->activations;
}

/* A handler has made the stack move while its topmost activation was being written. */
static COLD void follow(const struct lopi_thread *thread, struct lopi_activation *from,
			uint32_t index)
{
	while (place_of(thread) != from) {
		struct lopi_activation *to = place_of(thread);

		to[index] = from[index];
		from = to;
	}
}

static void drop_top(struct lopi_thread *thread)
{
	struct lopi_activation *top = &thread->activations[thread->depth - 1];

	if (top->record)
		top->record->active--;
	top->record = NULL;
	thread->depth--;
}

uint32_t lopi_switches;

/* Returns of calls that began when their functions were off are not lost. */
static inline int were_switched(void)
{
	return lopi_switches > 0;
}

static COLD void drop_all(struct lopi_thread *thread)
{
	thread->switches = lopi_switches;
	while (thread->depth)
		drop_top(thread);
}

#ifdef LOPI_KERNEL
/* Each processor says so at once, before it goes on. */
void lopi_drop_calls(void)
{
	__atomic_add_fetch(&lopi_switches, 1, __ATOMIC_RELAXED);
	drop_all(&lopi_thread);
}

static inline void drop_switched(struct lopi_thread *thread)
{
	(void)thread;
}
#else
static inline void drop_switched(struct lopi_thread *thread)
{
	if (__builtin_expect(thread->switches != lopi_switches, 0))
		drop_all(thread);
}
#endif

static COLD struct lopi_activation *search_caller(struct lopi_activation *activation,
						  uint32_t index)
{
	while (index-- > 0) {
		if ((--activation)->record)
			return activation;
	}
	return NULL;
}

/*
 * The activation under way below the one of this index; null if there is none. One in between that
 * is nobody's is just being entered or left, and a handler has come.
 */
static inline struct lopi_activation *caller_of(struct lopi_activation *activation, uint32_t index)
{
	if (index == 0 || __builtin_expect(activation[-1].record != NULL, 1))
		return index ? activation - 1 : NULL;
	return search_caller(activation, index);
}

/*
 * The kernel begins anew at its stack's top when a thread goes on after waiting: what it had called
 * before lies below, or is what lies there. Programs may have several stacks.
 */
static void drop_abandoned(struct lopi_thread *thread, const uintptr_t *slot)
{
	while (LOPI_ONE_STACK && thread->depth &&
	       thread->activations[thread->depth - 1].slot < slot)
		drop_top(thread);
}

/*
 * A handler may come anywhere in here and have calls, too. It uses what lies above, and leaves all
 * as it was; until its record is there, the activation is nobody's.
 */
HANDLER void lopi_on_enter(lopi_record *record, uintptr_t *slot)
{
	struct lopi_thread *thread = &lopi_thread;
	struct lopi_activation *activations, *activation;
	uint32_t index;

	drop_switched(thread);
	drop_abandoned(thread, slot);
	if (thread->depth == thread->room)
		grow(thread);
	index = thread->depth++;
	activations = thread->activations;
	activation = &activations[index];
	activation->slot = slot;
	activation->record = record;
	do_enter_func(record, activation, caller_of(activation, index));
	if (__builtin_expect(place_of(thread) != activations, 0))
		follow(thread, activations, index);
}

/*
 * Calls that were abandoned by longjmp or an exception lie above the one that is left, and are
 * dropped. A return without a call is one whose call was dropped so. Behind a paired stub, the
 * return address of a function that takes its arguments off the stack is that much higher than at
 * its entry.
 */
static COLD uint32_t find(const struct lopi_thread *thread, lopi_record *record, uintptr_t *slot,
			  uint32_t most_arguments)
{
	uint32_t index = thread->depth;

	while (index-- > 0) {
		struct lopi_activation *activation = &thread->activations[index];

		if (activation->record == record &&
		    (uintptr_t)(slot - activation->slot) <= most_arguments)
			return index;
	}
	return thread->depth;
}

/* Drops what lies above the activation that is left. Whether there is one. */
static COLD int drop_above(struct lopi_thread *thread, lopi_record *record, uintptr_t *slot)
{
	uint32_t index = find(thread, record, slot, 0);

	if (index == thread->depth)
		index = find(thread, record, slot, MOST_ARGUMENTS);
	if (index == thread->depth) {
		thread->lost += !were_switched();
		return 0;
	}
	while (thread->depth - 1 > index)
		drop_top(thread);
	return 1;
}

static inline int is_top(const struct lopi_thread *thread, lopi_record *record,
			 const uintptr_t *slot)
{
	const struct lopi_activation *top = &thread->activations[thread->depth - 1];

	return thread->depth && top->record == record && top->slot == slot;
}

HANDLER void lopi_on_leave(lopi_record *record, uintptr_t *slot)
{
	struct lopi_thread *thread = &lopi_thread;
	struct lopi_activation *activation;
	uint32_t index;

	if (__builtin_expect(!is_top(thread, record, slot), 0) && !drop_above(thread, record, slot))
		return;
	index = thread->depth - 1;
	activation = &thread->activations[index];
	do_leave_func(record, activation, caller_of(activation, index));
	activation->record = NULL; /* so that a handler finds that nobody is there */
	thread->depth = index;
}

#ifndef LOPI_KERNEL
/* --- functions that are left for good --- */

/* As if it returned now. */
static void end_top(struct lopi_thread *thread)
{
	uint32_t index = thread->depth - 1;
	struct lopi_activation *activation = &thread->activations[index];

	if (activation->record)
		do_leave_func(activation->record, activation, caller_of(activation, index));
	activation->record = NULL;
	thread->depth = index;
}

/* What setjmp() has said of the buffer, by its address and a bit that makes it none of a pair of
 * functions: `calls` says that there is something, and `cycles` how many calls were under way. */
static struct lopi_arc *mark_of(struct lopi_thread *thread, const void *buffer)
{
	return lopi_arcs_find(&thread->marks, (uint64_t)(uintptr_t)buffer << 1 | 1);
}

HANDLER void lopi_on_setjmp(const void *buffer)
{
	struct lopi_thread *thread = &lopi_thread;
	struct lopi_arc *mark;

	if (!CALLS_ARE_KNOWN)
		return;
	mark = mark_of(thread, buffer);
	mark->calls = 1;
	mark->cycles = thread->depth;
}

HANDLER void lopi_on_longjmp(const void *buffer)
{
	struct lopi_thread *thread = &lopi_thread;
	struct lopi_arc *mark;

	if (!CALLS_ARE_KNOWN)
		return;
	mark = mark_of(thread, buffer);
	while (mark->calls && thread->depth > mark->cycles)
		end_top(thread);
}

/* An exception has come to a function that goes on: at this stack pointer, as if the call that was
 * left had returned. What that call had put on the stack, its return address first, lies below. */
HANDLER void lopi_on_landing(const uintptr_t *stack)
{
	struct lopi_thread *thread = &lopi_thread;

	while (thread->depth && thread->activations[thread->depth - 1].slot < stack)
		end_top(thread);
}
#endif
