/*
 * The characters that are drawn on a framebuffer: those of GRUB's font for ASCII (GNU Unifont),
 * which tools/font takes out of its file when the kernel is built.
 */
#ifndef KERNEL_DEV_FONT_H
#define KERNEL_DEV_FONT_H

#include <stdint.h>

#define FONT_WIDTH  8u
#define FONT_HEIGHT 16u

#define FONT_FIRST ' '
#define FONT_LAST  '~'

/* A byte a line, its highest bit on the left. The last one stands for all characters that are not
 * there. */
extern const uint8_t font[FONT_LAST - FONT_FIRST + 2][FONT_HEIGHT];

/* FONT_HEIGHT lines. Any context. */
static inline const uint8_t *font_glyph(uint8_t character)
{
	return font[character >= FONT_FIRST && character <= FONT_LAST ? character - FONT_FIRST
								      : FONT_LAST - FONT_FIRST + 1];
}

#endif
