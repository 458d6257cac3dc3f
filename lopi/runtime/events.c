/*
 * What happens when a function is entered or left and the payload is more than a few instructions
 * (instr_func_enter and instr_func_leave, Figures 5.5 and 5.6 of the thesis). The hooks are
 * compiled in here, so that they are inlined.
 */
#include "thread.h"

#include LOPI_HOOKS

/* The linker finds by these names that all objects, and the library, are for the same payload. */
#define PAYLOAD_NAME_(name) lopi_payload_##name
#define PAYLOAD_NAME(name)  PAYLOAD_NAME_(name)
const char PAYLOAD_NAME(LOPI_PAYLOAD) __attribute__((visibility("hidden"))) = 1;

#define HANDLER __attribute__((regparm(2), visibility("hidden"), used))

enum { FIRST_ROOM = 256, MOST_ARGUMENTS = 64 };

/* The stack doubles, by moving. The old one stays: a signal may have come while it was being used.
 */
static void grow(struct lopi_thread *thread)
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

static void drop_top(struct lopi_thread *thread)
{
	thread->activations[--thread->depth].record->active--;
}

/*
 * The kernel begins anew at its stack's top when a thread goes on after waiting: what it had called
 * before lies below, or is what lies there. Programs may have several stacks.
 */
static void drop_abandoned(struct lopi_thread *thread, const uint32_t *slot)
{
	while (LOPI_ONE_STACK && thread->depth &&
	       thread->activations[thread->depth - 1].slot < slot)
		drop_top(thread);
}

HANDLER void lopi_on_enter(lopi_record *record, uint32_t *slot)
{
	struct lopi_thread *thread = &lopi_thread;
	struct lopi_activation *activation;
	uint32_t index;

	drop_abandoned(thread, slot);
	if (thread->depth == thread->room)
		grow(thread);
	index = thread->depth++;
	activation = &thread->activations[index];
	activation->record = record;
	activation->slot = slot;
	do_enter_func(record, activation, index ? activation - 1 : NULL);
}

/*
 * Calls that were abandoned by longjmp or an exception lie above the one that is left, and are
 * dropped. A return without a call is one whose call was dropped so. Behind a paired stub, the
 * return address of a function that takes its arguments off the stack is that much higher than at
 * its entry.
 */
static uint32_t find(struct lopi_thread *thread, lopi_record *record, uint32_t *slot,
		     uint32_t most_arguments)
{
	uint32_t index = thread->depth;

	while (index-- > 0) {
		struct lopi_activation *activation = &thread->activations[index];

		if (activation->record == record &&
		    (uint32_t)(slot - activation->slot) <= most_arguments)
			return index;
	}
	return thread->depth;
}

HANDLER void lopi_on_leave(lopi_record *record, uint32_t *slot)
{
	struct lopi_thread *thread = &lopi_thread;
	struct lopi_activation *activation;
	uint32_t index = find(thread, record, slot, 0);

	if (index == thread->depth)
		index = find(thread, record, slot, MOST_ARGUMENTS);
	if (index == thread->depth) {
		thread->lost++;
		return;
	}
	while (thread->depth - 1 > index)
		drop_top(thread);
	activation = &thread->activations[index];
	do_leave_func(record, activation, index ? activation - 1 : NULL);
	thread->depth = index;
}
