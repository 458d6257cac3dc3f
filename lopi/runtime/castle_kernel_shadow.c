/*
 * Shadow frames of the kernel's paired stubs: two blocks for each processor, in turn, for the
 * reason that castle_kernel_frames.c gives.
 */
#include "thread.h"

LOPI_LOCAL uint32_t lopi_shadow_top;

static LOPI_LOCAL uint8_t blocks[2][LOPI_SHADOW_BLOCK] __attribute__((aligned(LOPI_SHADOW_BLOCK)));

/* `top` is where the next frame would be: 0, or the end of a block that is full. */
uint32_t lopi_on_shadow_more(uint32_t top)
{
	const uint32_t next = (uint32_t)(top == (uint32_t)blocks[1] ? blocks[1] : blocks[0]);

	/* A block's first frame stays unused: its address would say that the block before is full.
	 */
	lopi_shadow_top = next + sizeof(struct lopi_shadow_frame);
	return lopi_shadow_top;
}
