/*
 * VGA text mode 3 (IBM VGA; memory at 0xb8000, a character and an attribute byte a cell).
 */
#include "kernel/dev/vga_text.h"

#include "arch/ia32/cpu.h"
#include "kernel/lib/string.h"

#define SCREEN  ((uint16_t *)0xb8000)
#define COLUMNS 80u
#define ROWS    25u

#define CRTC_INDEX       0x3d4
#define CRTC_DATA        0x3d5
#define CRTC_CURSOR_HIGH 0x0e
#define CRTC_CURSOR_LOW  0x0f

static void vga_put(uint32_t row, uint32_t column, uint16_t cell)
{
	SCREEN[row * COLUMNS + column] = cell;
}

static void vga_scroll(uint16_t blank)
{
	memmove(SCREEN, SCREEN + COLUMNS, (ROWS - 1) * COLUMNS * sizeof *SCREEN);
	for (uint32_t column = 0; column < COLUMNS; column++)
		vga_put(ROWS - 1, column, blank);
}

static void vga_move_cursor(uint32_t row, uint32_t column)
{
	const uint32_t position = row * COLUMNS + column;

	out8(CRTC_INDEX, CRTC_CURSOR_HIGH);
	out8(CRTC_DATA, position >> 8);
	out8(CRTC_INDEX, CRTC_CURSOR_LOW);
	out8(CRTC_DATA, position & 0xff);
}

const struct display vga_text = {
	.columns = COLUMNS,
	.rows = ROWS,
	.put = vga_put,
	.scroll = vga_scroll,
	.move_cursor = vga_move_cursor,
};
