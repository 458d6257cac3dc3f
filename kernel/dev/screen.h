/*
 * The screen: a terminal (ECMA-48, as far as editors and pagers of 80 columns need it) on whatever
 * shows characters: VGA text, or a framebuffer where the boot loader has left one.
 */
#ifndef KERNEL_DEV_SCREEN_H
#define KERNEL_DEV_SCREEN_H

#include <stdint.h>

/* A cell is a character and, in the upper byte, its colours as VGA has them. */
#define CELL(character, attribute) ((uint16_t)((attribute) << 8 | (uint8_t)(character)))

/*
 * What shows characters. Functions may be called in any context, by one processor at a time; rows
 * and columns are within the screen.
 */
struct display {
	uint32_t columns, rows;
	void (*put)(uint32_t row, uint32_t column, uint16_t cell);
	/* All rows go up by one; the last one is filled with `blank`. */
	void (*scroll)(uint16_t blank);
	/* Shows the cursor there, and not where it was. */
	void (*move_cursor)(uint32_t row, uint32_t column);
};

/* Clears the screen, which is VGA text. At boot. */
void screen_init(void);

/* Goes on with what the boot loader has left, once its information is read. At boot. */
void screen_choose(void);

/*
 * Understands newline, carriage return, tab, backspace, and the sequences that screen.c lists. Any
 * context (what two processors write at once may mix).
 */
void screen_write(const char *text, uint32_t size);

#endif
