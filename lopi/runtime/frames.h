/*
 * Return frames (Figures 5.4 and 5.5 of the thesis). Included by assembly too.
 */
#ifndef LOPI_RUNTIME_FRAMES_H
#define LOPI_RUNTIME_FRAMES_H

#define LOPI_FRAMES     16384 /* of all threads together */
#define LOPI_FRAME_SIZE 64

/* A return frame's code: so big, and with the distance of its data at this offset. */
#define LOPI_TRAMPOLINE_SIZE     16
#define LOPI_TRAMPOLINE_DISTANCE 8

#ifndef __ASSEMBLER__
#include "lopi.h"

/* The data of a return frame. Its code is a trampoline in another section: data that is written on
 * pages that hold code is slow. */
struct lopi_frame {
	uint32_t return_address;
	uint32_t code;
	uint32_t record; /* of the function, as a distance from the thread pointer */
	struct lopi_activation activation;
	uint32_t unused[6];
};

extern struct lopi_frame lopi_frame_pool[];
extern const char lopi_trampolines[];
#endif

#endif
