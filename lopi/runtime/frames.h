/*
 * Return frames (Figures 5.4 and 5.5 of the thesis). Included by assembly too.
 */
#ifndef LOPI_RUNTIME_FRAMES_H
#define LOPI_RUNTIME_FRAMES_H

/* How many there are: of all threads together, or of each processor. */
#ifndef LOPI_FRAMES
#define LOPI_FRAMES 16384
#endif
#define LOPI_FRAME_SIZE 64
#define LOPI_PIECE_SIZE 4096 /* bytes of frames that are used one after the other */

/* A return frame's code: so big, and with the distance of its data at this offset. */
#define LOPI_TRAMPOLINE_SIZE     16
#define LOPI_TRAMPOLINE_DISTANCE 8

#ifndef __ASSEMBLER__
#include "lopi.h"

/* The data of a return frame. Its code is a trampoline in another section: data that is written on
 * pages that hold code is slow. */
struct lopi_frame {
	uintptr_t return_address;
	uintptr_t code;
	intptr_t record; /* of the function, as a distance from the thread pointer */
	struct lopi_activation activation;
#ifdef __i386__
	uint32_t unused[6];
#endif
};

_Static_assert(sizeof(struct lopi_frame) == LOPI_FRAME_SIZE, "assembly knows the size");

extern struct lopi_frame lopi_frame_pool[];
extern const char lopi_trampolines[];

/*
 * The frame to be used next. If its address is a multiple of a piece's size there is no such frame:
 * there is none yet, or the piece that ends there is used up.
 */
extern LOPI_LOCAL struct lopi_frame *lopi_next_frame;

/* Goes on to the next piece, or to a new one, unless a handler has. Returns whether there is one.
 */
int lopi_frames_more(void);

/* Gives the frames of a piece, but for the first, their code. */
static inline void lopi_frames_prepare(struct lopi_frame *piece)
{
	for (uint32_t index = 1; index < LOPI_PIECE_SIZE / LOPI_FRAME_SIZE; index++)
		piece[index].code = (uintptr_t)lopi_trampolines +
				    (&piece[index] - lopi_frame_pool) * LOPI_TRAMPOLINE_SIZE;
}
#endif

#endif
