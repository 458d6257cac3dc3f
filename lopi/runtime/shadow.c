/*
 * Memory for shadow frames of paired stubs. A thread's frames are in blocks, chained; a block
 * starts with its neighbours' addresses, and frames that are never abandoned for good, those of
 * functions that do return, free what is above them.
 */
#include "thread.h"

#include <stdint.h>

__thread uint32_t lopi_shadow_top __attribute__((visibility("hidden")));

/* Takes the place of a block's first frame. */
struct block {
	uint32_t next;
	uint32_t before; /* the last frame of the block before */
	uint32_t unused[2];
};

_Static_assert(sizeof(struct block) == sizeof(struct lopi_shadow_frame), "frames are that big");

/* A block whose address is a multiple of its size, cut out of twice as much. */
static uint32_t new_block(void)
{
	char *pages = lopi_pages_get(2 * LOPI_SHADOW_BLOCK);
	uint32_t start = (uint32_t)pages, block;

	if (!pages)
		LOPI_PROGRAM_WRONG("lopi: no memory for return addresses\n");
	block = (start + LOPI_SHADOW_BLOCK - 1) & -LOPI_SHADOW_BLOCK;
	if (block > start)
		lopi_pages_put(pages, block - start);
	if (block - start < LOPI_SHADOW_BLOCK)
		lopi_pages_put((char *)block + LOPI_SHADOW_BLOCK,
			       LOPI_SHADOW_BLOCK - (block - start));
	return block;
}

/* `top` is where the next frame would be: 0, or the end of a block that is full. */
__attribute__((regparm(1), visibility("hidden"), used)) uint32_t lopi_on_shadow_more(uint32_t top)
{
	struct block *full = top ? (struct block *)(top - LOPI_SHADOW_BLOCK) : NULL;
	uint32_t next = full ? full->next : 0;

	if (!full)
		lopi_thread_register();
	if (!next)
		next = new_block();
	if (full) {
		full->next = next;
		((struct block *)next)->before = top - sizeof(struct lopi_shadow_frame);
	}
	lopi_shadow_top = next + sizeof(struct block);
	return lopi_shadow_top;
}
