/*
 * VGA text mode 3 (IBM VGA; memory at 0xb8000, a character and an attribute byte a cell).
 */
#include "kernel/dev/vga_text.h"

#include "arch/ia32/cpu.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"

#define SCREEN  ((uint16_t *)0xb8000)
#define COLUMNS 80u
#define ROWS    25u
#define BLANK   (0x0700 | ' ') /* light grey on black */
#define TAB     8u

#define CRTC_INDEX       0x3d4
#define CRTC_DATA        0x3d5
#define CRTC_CURSOR_HIGH 0x0e
#define CRTC_CURSOR_LOW  0x0f

static uint32_t row, column UNGUARDED("one processor prints: in the kernel, or the last");

static void screen_blank(uint16_t *cell, uint32_t cells)
{
	for (uint32_t i = 0; i < cells; i++)
		cell[i] = BLANK;
}

static void screen_newline(void)
{
	column = 0;
	if (++row < ROWS)
		return;
	row = ROWS - 1;
	memmove(SCREEN, SCREEN + COLUMNS, (ROWS - 1) * COLUMNS * sizeof *SCREEN);
	screen_blank(SCREEN + row * COLUMNS, COLUMNS);
}

static void screen_put(char c)
{
	switch (c) {
	case '\n':
		screen_newline();
		break;
	case '\r':
		column = 0;
		break;
	case '\b':
		if (column > 0)
			column--;
		break;
	case '\t':
		do
			screen_put(' ');
		while (column % TAB);
		break;
	default:
		SCREEN[row * COLUMNS + column] = 0x0700 | (uint8_t)c;
		if (++column == COLUMNS)
			screen_newline();
	}
}

static void cursor_move(void)
{
	const uint32_t position = row * COLUMNS + column;

	out8(CRTC_INDEX, CRTC_CURSOR_HIGH);
	out8(CRTC_DATA, position >> 8);
	out8(CRTC_INDEX, CRTC_CURSOR_LOW);
	out8(CRTC_DATA, position & 0xff);
}

void vga_text_init(void)
{
	row = column = 0;
	screen_blank(SCREEN, ROWS * COLUMNS);
	cursor_move();
}

void vga_text_write(const char *text, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		screen_put(text[i]);
	cursor_move();
}
