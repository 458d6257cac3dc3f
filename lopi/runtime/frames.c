/*
 * The thesis's strategy: instr_func_enter and instr_func_leave (Figures 5.5 and 5.6), with the
 * hooks inlined. A thread uses its frames in one order: entering takes the next, leaving makes the
 * frame that is left the next one, and so gives back those that longjmp abandoned, too.
 */
#include "frames.h"
#include "thread.h"

#include LOPI_HOOKS

#define INLINED  __attribute__((no_caller_saved_registers, visibility("hidden"), used))
#define HANDLER2 LOPI_ARGUMENTS_IN_REGISTERS __attribute__((visibility("hidden")))

enum { DISTANCE = LOPI_TRAMPOLINE_DISTANCE - 5 /* from the call's return address */ };

LOPI_LOCAL struct lopi_frame *lopi_next_frame;

HANDLER2 void lopi_on_enter(lopi_record *record, uintptr_t *slot);
HANDLER2 void lopi_on_leave(lopi_record *record, uintptr_t *slot);

/* Without callers in the hooks, a frame is all that they need. */
static inline void enter_hook(struct lopi_frame *frame, intptr_t distance, uintptr_t *slot)
{
#ifdef LOPI_NO_CALLERS
	(void)slot;
	do_enter_func((lopi_record *)distance, &frame->activation, NULL);
#else
	(void)frame;
	lopi_on_enter((lopi_record *)distance, slot);
#endif
}

static inline void leave_hook(struct lopi_frame *frame, uintptr_t *slot)
{
#ifdef LOPI_NO_CALLERS
	(void)slot;
	do_leave_func((lopi_record *)frame->record, &frame->activation, NULL);
#else
	lopi_on_leave((lopi_record *)frame->record, slot);
#endif
}

/* What is on the stack when the stub has called. */
struct stub_words {
	intptr_t records; /* of the object, as a distance from the thread pointer */
#ifdef __x86_64__
	intptr_t again; /* so that the stack is aligned */
#endif
	uintptr_t behind_call; /* in the function, where its identifier is */
	uintptr_t return_address;
};

/* What is written to the caller's stack would seem unused. */
#define KEEP_STORES() __asm__ volatile("" ::: "memory")

/*
 * Sets up a return frame: the function will return to the frame's code. A handler that comes before
 * the frame is taken uses it, and so writes to it.
 */
static inline __attribute__((always_inline)) void
set_up(struct lopi_frame *frame, intptr_t distance, struct stub_words *words)
{
	__asm__ volatile("add%z0 %1, %0" : "+m"(lopi_next_frame) : "i"(LOPI_FRAME_SIZE) : "memory");
	frame->record = distance;
	KEEP_STORES(); /* and the record is read again: so two registers are enough */
	frame->return_address = words->return_address;
	words->return_address = frame->code;
	enter_hook(frame, frame->record, &words->return_address);
	KEEP_STORES();
}

/* There is no frame here. Without any the return will not be seen, but the call counts. */
INLINED LOPI_ARGUMENTS_IN_REGISTERS __attribute__((noinline, cold)) void
lopi_frame_enter_more(intptr_t distance, struct stub_words *words)
{
	static LOPI_LOCAL struct lopi_frame unseen;

	if (lopi_frames_more()) {
		set_up(lopi_next_frame, distance, words);
		return;
	}
	lopi_thread.lost++;
	enter_hook(&unseen, distance, &words->return_address);
}

static inline __attribute__((always_inline)) void enter(intptr_t distance, struct stub_words *words)
{
	struct lopi_frame *frame = lopi_next_frame;

	if (__builtin_expect((uintptr_t)frame % LOPI_PIECE_SIZE == 0, 0)) {
		lopi_frame_enter_more(distance, words);
		return;
	}
	set_up(frame, distance, words);
}

/*
 * The identifier is behind the opcode of a comparison that means nothing (Figure 5.3 has it bare):
 * so the stub returns to where it was called from, as the processor's return predictor expects.
 */
INLINED void lopi_frame_enter8(void)
{
	struct stub_words *words = __builtin_dwarf_cfa();
	uint32_t identifier = *(const uint8_t *)(words->behind_call + 1);

	enter(words->records + identifier * sizeof(struct lopi_record), words);
}

INLINED void lopi_frame_enter32(void)
{
	struct stub_words *words = __builtin_dwarf_cfa();
	uint32_t identifier = *(const uint32_t *)(words->behind_call + 1);

	enter(words->records + identifier * sizeof(struct lopi_record), words);
}

/* Called by a return frame's code, in whose place the original return address comes. */
INLINED void lopi_frame_leave(void)
{
	uintptr_t *slot = (uintptr_t *)__builtin_dwarf_cfa() - 1;
	struct lopi_frame *frame =
		(struct lopi_frame *)(*slot + *(const int32_t *)(*slot + DISTANCE));

	leave_hook(frame, slot);
	*slot = frame->return_address;
	KEEP_STORES();
	lopi_next_frame = frame;
}
