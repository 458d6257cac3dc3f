/*
 * Memory for shadow frames of paired stubs. A thread's frames are in blocks, chained; a block
 * starts with its neighbours' addresses, and frames that are never abandoned for good, those of
 * functions that do return, free what is above them.
 */
#include "thread.h"

#include <stdint.h>

__thread uintptr_t lopi_shadow_top __attribute__((visibility("hidden")));

/* Takes the place of a block's first frame. */
struct block {
	uintptr_t next;
	uintptr_t before; /* the last frame of the block before */
#ifdef __i386__
	uint32_t unused[2];
#endif
};

_Static_assert(sizeof(struct block) == sizeof(struct lopi_shadow_frame), "frames are that big");
_Static_assert(sizeof(struct block) == LOPI_SHADOW_FRAME, "stubs know how big");

/* `top` is where the next frame would be: 0, or the end of a block that is full. */
LOPI_ARGUMENTS_IN_REGISTERS __attribute__((visibility("hidden"), used)) uintptr_t
lopi_on_shadow_more(uintptr_t top)
{
	struct block *full = top ? (struct block *)(top - LOPI_SHADOW_BLOCK) : NULL;
	uintptr_t next = full ? full->next : 0;

	if (!full)
		lopi_thread_register();
	if (!next)
		next = (uintptr_t)lopi_block_get(LOPI_SHADOW_BLOCK);
	if (!next)
		LOPI_PROGRAM_WRONG("lopi: no memory for return addresses\n");
	if (full) {
		full->next = next;
		((struct block *)next)->before = top - sizeof(struct lopi_shadow_frame);
	}
	lopi_shadow_top = next + sizeof(struct block);
	return lopi_shadow_top;
}
