/*
 * Return frames, and shadow frames of paired stubs, of the kernel. A processor takes them in a
 * ring: a kernel stack that is left for good, as when a thread goes on after waiting, leaves its
 * frames behind, and nobody tells. The ring is so long that what is under way, on a stack of 128
 * KB, is never reached again.
 */
#include "frames.h"
#include "thread.h"

LOPI_LOCAL struct lopi_frame lopi_frame_pool[LOPI_FRAMES] __attribute__((aligned(LOPI_PIECE_SIZE)));

int lopi_frames_more(void)
{
	struct lopi_frame *piece = lopi_next_frame;

	if ((uint32_t)piece % LOPI_PIECE_SIZE)
		return 1; /* an interrupt has come, and was here */
	if (!piece || piece == &lopi_frame_pool[LOPI_FRAMES])
		piece = lopi_frame_pool;
	lopi_frames_prepare(piece);
	lopi_next_frame = piece + 1;
	return 1;
}
