/*
 * The thesis's strategy: instr_func_enter and instr_func_leave (Figures 5.5 and 5.6), with the hooks inlined.
 * A thread's frames are a chain whose order never changes: entering takes the next frame, leaving makes the
 * frame that is left the next one, and so gives back those that longjmp abandoned, too. Chains are made of
 * pieces of a pool that all threads share; only getting one is a matter between threads.
 */
#include "frames.h"
#include "thread.h"

#include LOPI_HOOKS

#define INLINED  __attribute__((no_caller_saved_registers, visibility("hidden"), used))
#define HANDLER2 __attribute__((regparm(2), visibility("hidden")))

enum { PIECE = 32, DISTANCE = LOPI_TRAMPOLINE_DISTANCE - 5 };

_Static_assert(sizeof(struct lopi_frame) == LOPI_FRAME_SIZE, "the trampolines know this");

struct lopi_frame lopi_frame_pool[LOPI_FRAMES] __attribute__((visibility("hidden")));

static __thread struct lopi_frame *next_frame, *first_frame, *last_frame;
static uint32_t pool_used;
static struct lopi_frame *given_back;
static int given_back_lock;

HANDLER2 void lopi_on_enter(struct lopi_record *record, uint32_t *slot);
HANDLER2 void lopi_on_leave(struct lopi_record *record, uint32_t *slot);

static void lock(void)
{
	while (__sync_lock_test_and_set(&given_back_lock, 1))
		__builtin_ia32_pause();
}

static void unlock(void)
{
	__sync_lock_release(&given_back_lock);
}

/* A piece that an ended thread gave back, chained as it is, or a new one. Null if all are in use. */
static struct lopi_frame *get_piece(void)
{
	struct lopi_frame *first;
	uint32_t start;

	lock();
	first = given_back;
	given_back = NULL;
	start = pool_used;
	if (!first && start + PIECE <= LOPI_FRAMES)
		pool_used = start + PIECE;
	unlock();
	if (first || start + PIECE > LOPI_FRAMES)
		return first;
	for (uint32_t index = start; index < start + PIECE; index++) {
		lopi_frame_pool[index].code =
			(uint32_t)lopi_trampolines + index * LOPI_TRAMPOLINE_SIZE;
		lopi_frame_pool[index].next =
			index + 1 < start + PIECE ? &lopi_frame_pool[index + 1] : NULL;
	}
	return &lopi_frame_pool[start];
}

/* The thread has ended: others may use its frames. */
static void give_back(void)
{
	if (!first_frame)
		return;
	lock();
	last_frame->next = given_back;
	given_back = first_frame;
	unlock();
	first_frame = last_frame = next_frame = NULL;
}

/* Lengthens the thread's chain. Returns whether that was possible. */
static int lengthen(void)
{
	struct lopi_frame *piece;

	lopi_thread_register();
	lopi_thread_end = give_back;
	piece = get_piece();
	if (!piece)
		return 0;
	if (first_frame)
		last_frame->next = piece;
	else
		first_frame = piece;
	for (last_frame = piece; last_frame->next;)
		last_frame = last_frame->next;
	next_frame = piece;
	return 1;
}

static inline struct lopi_record *record_at(uint32_t distance)
{
	char *pointer;

	__asm__("movl %%gs:0, %0" : "=r"(pointer));
	return (struct lopi_record *)(pointer + distance);
}

/* Without callers in the hooks, a frame is all that they need. */
static inline void enter_hook(struct lopi_frame *frame, uint32_t distance, uint32_t *slot)
{
#ifdef LOPI_NO_CALLERS
	(void)slot;
	do_enter_func(record_at(distance), &frame->activation, NULL);
#else
	(void)frame;
	lopi_on_enter(record_at(distance), slot);
#endif
}

static inline void leave_hook(struct lopi_frame *frame, uint32_t *slot)
{
#ifdef LOPI_NO_CALLERS
	(void)slot;
	do_leave_func(record_at(frame->record), &frame->activation, NULL);
#else
	lopi_on_leave(record_at(frame->record), slot);
#endif
}

/* Sets up a return frame: the function will return to the frame's code. */
static inline __attribute__((always_inline)) void set_up(struct lopi_frame *frame, uint32_t distance,
							 uint32_t *slot)
{
	next_frame = frame->next;
	frame->record = distance;
	frame->return_address = *slot;
	*slot = frame->code;
	enter_hook(frame, distance, slot);
}

/* The chain is at its end. Without more frames, the return will not be seen, but the call counts. */
INLINED __attribute__((noinline, cold)) void lopi_frame_enter_more(uint32_t distance, uint32_t *slot)
{
	static __thread struct lopi_frame unseen;

	if (lengthen()) {
		set_up(next_frame, distance, slot);
		return;
	}
	lopi_thread.lost++;
	enter_hook(&unseen, distance, slot);
}

static inline __attribute__((always_inline)) void enter(uint32_t distance, uint32_t *slot)
{
	struct lopi_frame *frame = next_frame;

	if (__builtin_expect(!frame, 0))
		lopi_frame_enter_more(distance, slot);
	else
		set_up(frame, distance, slot);
}

/* What is on the stack when the stub has called. */
struct stub_words {
	uint32_t records; /* of the object, as a distance from the thread pointer */
	uint32_t identifier; /* where it is: behind the call in the function */
	uint32_t return_address;
};

/* The identifier is skipped (Figure 5.3). */
INLINED void lopi_frame_enter8(void)
{
	volatile struct stub_words *words = __builtin_dwarf_cfa();
	const uint8_t *place = (const uint8_t *)words->identifier;

	words->identifier = (uint32_t)(place + 1);
	enter(words->records + *place * sizeof(struct lopi_record), (uint32_t *)&words->return_address);
}

INLINED void lopi_frame_enter32(void)
{
	volatile struct stub_words *words = __builtin_dwarf_cfa();
	const uint32_t *place = (const uint32_t *)words->identifier;

	words->identifier = (uint32_t)(place + 1);
	enter(words->records + *place * sizeof(struct lopi_record), (uint32_t *)&words->return_address);
}

/* Called by a return frame's code, in whose place the original return address comes. */
INLINED void lopi_frame_leave(void)
{
	uint32_t *slot = (uint32_t *)__builtin_dwarf_cfa() - 1;
	struct lopi_frame *frame =
		(struct lopi_frame *)(*slot + *(const uint32_t *)(*slot + DISTANCE));

	leave_hook(frame, slot);
	*(volatile uint32_t *)slot = frame->return_address;
	__asm__ volatile("" ::: "memory");
	next_frame = frame;
}
