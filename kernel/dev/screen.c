/*
 * The terminal that the screen is. Of ECMA-48's control sequences (ESC [ NUMBER ; NUMBER LETTER) it
 * knows
 *
 *	A B C D		the cursor up, down, right, left
 *	H f		the cursor to a row and a column, which count from 1
 *	J K		erases to the end (0), from the start (1) or all (2) of the screen, of the
 *line
 *	m		colours: none 0, bright 1, reverse 7, not so 22 27, of text 30 to 37 39,
 *behind 40 to 47 49
 *
 * and passes over all others.
 */
#include "kernel/dev/screen.h"

#include <stdbool.h>
#include "kernel/dev/framebuffer.h"
#include "kernel/dev/vga_text.h"
#include "kernel/lock/domain.h"

#define TAB          8u
#define ESCAPE       '\033'
#define NUMBERS_MAX  4u
#define NUMBER_LIMIT 1000u /* no screen is as large */

#define COLOURS_PLAIN 0x07 /* light grey on black */
#define BRIGHT        0x08

/* What has come of a control sequence. */
enum state { TEXT, ESCAPED, SEQUENCE };

static const struct display *display SET_AT_BOOT = &vga_text;

static struct {
	uint32_t row, column; /* a column behind the last one: the next character begins a row */
	uint8_t colours;      /* VGA's attribute, but for what is reversed */
	bool reversed;
	enum state state;
	uint32_t numbers[NUMBERS_MAX];
	uint32_t count; /* of the numbers, the one that is still coming left out */
} screen UNGUARDED("one processor prints: in the kernel, or the last") = {
	.colours = COLOURS_PLAIN
};

static uint16_t cell_of(char c)
{
	const uint8_t colours = screen.colours;

	/* Bright is the text's alone. */
	if (screen.reversed)
		return CELL(c, (colours & 0x07) << 4 | (colours & 0x70) >> 4);
	return CELL(c, colours);
}

/* [start, end) of the cells, counted along the rows. */
static void erase(uint32_t start, uint32_t end)
{
	for (uint32_t at = start; at < end; at++)
		display->put(at / display->columns, at % display->columns, cell_of(' '));
}

static void newline(void)
{
	screen.column = 0;
	if (screen.row + 1 < display->rows)
		screen.row++;
	else
		display->scroll(cell_of(' '));
}

static void put(char c)
{
	if (screen.column == display->columns)
		newline();
	display->put(screen.row, screen.column++, cell_of(c));
}

/* One's number in the sequence, or what it means if it is not there. */
static uint32_t number(uint32_t index, uint32_t otherwise)
{
	return index <= screen.count && screen.numbers[index] ? screen.numbers[index] : otherwise;
}

static uint32_t at_most(uint32_t value, uint32_t limit)
{
	return value < limit ? value : limit;
}

static void go_to(uint32_t row, uint32_t column)
{
	screen.row = at_most(row, display->rows - 1);
	screen.column = at_most(column, display->columns - 1);
}

/* Of the cells from `first` to `end`, what is before the cursor, behind it, or all. */
static void erase_part(uint32_t first, uint32_t end)
{
	const uint32_t cursor = at_most(screen.row * display->columns + screen.column, end - 1);
	const uint32_t part = number(0, 0);

	erase(part == 0 ? cursor : first, part == 1 ? cursor + 1 : end);
}

/* ECMA-48's order of colours has red where VGA has blue. */
static uint8_t colour_of(uint32_t ecma)
{
	return (ecma & 1) << 2 | (ecma & 2) | (ecma & 4) >> 2;
}

/* 30 to 39, or what is behind, 40 to 49; from 38 on, that of a plain screen. */
static void choose_colour(uint32_t what)
{
	const uint32_t shift = what < 40 ? 0 : 4;
	const uint32_t plain = COLOURS_PLAIN >> shift & 7;
	const uint32_t chosen = what % 10 < 8 ? colour_of(what % 10) : plain;

	screen.colours = (screen.colours & ~(7 << shift)) | chosen << shift;
}

static void render(uint32_t what)
{
	switch (what) {
	case 0:
		screen.colours = COLOURS_PLAIN;
		screen.reversed = false;
		break;
	case 1:
		screen.colours |= BRIGHT;
		break;
	case 7:
		screen.reversed = true;
		break;
	case 22:
		screen.colours &= ~BRIGHT;
		break;
	case 27:
		screen.reversed = false;
		break;
	default:
		if (what >= 30 && what < 50)
			choose_colour(what);
	}
}

static void sequence_do(char letter)
{
	const uint32_t row = screen.row, column = at_most(screen.column, display->columns - 1);
	const uint32_t distance = number(0, 1);

	switch (letter) {
	case 'A':
		go_to(row > distance ? row - distance : 0, column);
		break;
	case 'B':
		go_to(row + distance, column);
		break;
	case 'C':
		go_to(row, column + distance);
		break;
	case 'D':
		go_to(row, column > distance ? column - distance : 0);
		break;
	case 'H':
	case 'f':
		go_to(number(0, 1) - 1, number(1, 1) - 1);
		break;
	case 'J':
		erase_part(0, display->rows * display->columns);
		break;
	case 'K':
		erase_part(row * display->columns, (row + 1) * display->columns);
		break;
	case 'm':
		for (uint32_t i = 0; i <= screen.count; i++)
			render(screen.numbers[i]);
		break;
	}
}

/* One more character of a sequence. Those of another kind, with a `?`, have no letter that means
 * anything here. */
static void sequence_take(char c)
{
	uint32_t *const last = &screen.numbers[screen.count];

	if (c >= '0' && c <= '9') {
		*last = at_most(*last * 10 + (c - '0'), NUMBER_LIMIT);
	} else if (c == ';') {
		if (screen.count < NUMBERS_MAX - 1)
			screen.numbers[++screen.count] = 0;
	} else if (c >= '@') {
		sequence_do(c);
		screen.state = TEXT;
	}
}

static void text_take(char c)
{
	switch (c) {
	case '\n':
		newline();
		break;
	case '\r':
		screen.column = 0;
		break;
	case '\b':
		if (screen.column > 0)
			screen.column--;
		break;
	case '\t':
		do
			put(' ');
		while (screen.column % TAB);
		break;
	case '\a':
		break;
	case ESCAPE:
		screen.state = ESCAPED;
		break;
	default:
		put(c);
	}
}

static void take(char c)
{
	switch (screen.state) {
	case TEXT:
		text_take(c);
		break;
	case ESCAPED:
		screen.state = c == '[' ? SEQUENCE : TEXT;
		screen.numbers[screen.count = 0] = 0;
		break;
	case SEQUENCE:
		sequence_take(c);
		break;
	}
}

static void show_cursor(void)
{
	display->move_cursor(screen.row, at_most(screen.column, display->columns - 1));
}

void screen_init(void)
{
	erase(0, display->rows * display->columns);
	show_cursor();
}

void screen_choose(void)
{
	const struct display *const found = framebuffer_display();

	if (!found)
		return;
	display = found;
	screen.row = screen.column = 0;
	screen_init();
}

void screen_write(const char *text, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		take(text[i]);
	show_cursor();
}
