/*
 * Characters on a framebuffer of 32 bits a pixel, as the boot loader has set it up and says in its
 * information (Multiboot2 Specification, section 3.6.12). Nothing is ever read from it, since that
 * is slow: what is shown is kept here, too, and only characters that change are drawn. On a screen
 * larger than that has room for, the text is in the middle.
 */
#include "kernel/dev/framebuffer.h"

#include <stdbool.h>
#include <stddef.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/paging.h"
#include "boot/boot_info.h"
#include "kernel/dev/font.h"
#include "kernel/lock/domain.h"

#define COLUMNS_MAX   128u
#define ROWS_MAX      48u
#define COLUMNS_LEAST 80u
#define ROWS_LEAST    25u
#define BITS          32u

#define CURSOR_HEIGHT 2u /* lines of pixels, at the foot of the character */

static uint16_t
	cells[ROWS_MAX][COLUMNS_MAX] UNGUARDED("one processor prints: in the kernel, or the last");
static uint32_t cursor_row, cursor_column UNGUARDED("as the cells");
static uint32_t colours[16] SET_AT_BOOT; /* as pixels, in VGA's order */
static uint32_t first_pixel,
	mapped SET_AT_BOOT; /* where the text begins: physical, and with paging on */
static struct display display SET_AT_BOOT;

static uint32_t *pixel_at(uint32_t x, uint32_t y)
{
	const uint32_t start = cr0_read() & CR0_PG ? mapped : first_pixel;

	return (uint32_t *)(start + y * boot_info.framebuffer.pitch) + x;
}

/* Lines [from, FONT_HEIGHT) of a character, with the colour behind it or, for a cursor, that of the
 * text. */
static void draw(uint32_t row, uint32_t column, uint32_t from, bool cursor)
{
	const uint16_t cell = cells[row][column];
	const uint32_t text = colours[cell >> 8 & 15];
	const uint32_t behind = cursor ? text : colours[cell >> 12];
	const uint8_t *lines = font_glyph(cell & 0xff);

	for (uint32_t y = from; y < FONT_HEIGHT; y++) {
		uint32_t *pixel = pixel_at(column * FONT_WIDTH, row * FONT_HEIGHT + y);
		for (uint32_t bit = 1 << (FONT_WIDTH - 1); bit; bit >>= 1)
			*pixel++ = lines[y] & bit ? text : behind;
	}
}

static void framebuffer_put(uint32_t row, uint32_t column, uint16_t cell)
{
	if (cells[row][column] == cell)
		return;
	cells[row][column] = cell;
	draw(row, column, 0, false);
}

static void framebuffer_scroll(uint16_t blank)
{
	for (uint32_t row = 0; row < display.rows; row++)
		for (uint32_t column = 0; column < display.columns; column++)
			framebuffer_put(row, column,
					row + 1 < display.rows ? cells[row + 1][column] : blank);
}

static void framebuffer_move_cursor(uint32_t row, uint32_t column)
{
	draw(cursor_row, cursor_column, FONT_HEIGHT - CURSOR_HEIGHT, false);
	cursor_row = row;
	cursor_column = column;
	draw(row, column, FONT_HEIGHT - CURSOR_HEIGHT, true);
}

static uint32_t at_most(uint32_t value, uint32_t limit)
{
	return value < limit ? value : limit;
}

/* A part of a colour, 0 to 255, where the pixel has it. */
static uint32_t part(uint32_t value, const struct boot_colour *place)
{
	return place->bits ? value >> (8 - at_most(place->bits, 8)) << place->position : 0;
}

/* VGA's sixteen: two thirds of each part, and a third more for those that are bright. */
static void colours_make(const struct boot_framebuffer *screen)
{
	for (uint32_t i = 0; i < 16; i++) {
		const uint32_t bright = i & 8 ? 0x55 : 0;
		colours[i] = part((i & 4 ? 0xaa : 0) + bright, &screen->red) |
			     part((i & 2 ? 0xaa : 0) + bright, &screen->green) |
			     part((i & 1 ? 0xaa : 0) + bright, &screen->blue);
	}
}

static void clear_all(const struct boot_framebuffer *screen)
{
	for (uint32_t y = 0; y < screen->height; y++)
		for (uint32_t x = 0; x < screen->width; x++)
			*((uint32_t *)(screen->address + y * screen->pitch) + x) = colours[0];
}

const struct display *framebuffer_display(void)
{
	const struct boot_framebuffer *screen = &boot_info.framebuffer;
	uint32_t left, above;

	display = (struct display){
		.columns = at_most(screen->width / FONT_WIDTH, COLUMNS_MAX),
		.rows = at_most(screen->height / FONT_HEIGHT, ROWS_MAX),
		.put = framebuffer_put,
		.scroll = framebuffer_scroll,
		.move_cursor = framebuffer_move_cursor,
	};
	if (screen->bits != BITS || display.columns < COLUMNS_LEAST || display.rows < ROWS_LEAST)
		return NULL;
	left = (screen->width - display.columns * FONT_WIDTH) / 2;
	above = (screen->height - display.rows * FONT_HEIGHT) / 2;
	first_pixel = screen->address + above * screen->pitch + left * sizeof(uint32_t);
	mapped = paging_map_window(first_pixel);
	colours_make(screen);
	clear_all(screen);
	return &display;
}
