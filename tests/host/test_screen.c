/*
 * The screen as a terminal, on a display of 10 by 4 characters that only keeps what it is given.
 */
#include <string.h>
#include "kernel/dev/framebuffer.h"
#include "kernel/dev/screen.h"
#include "kernel/dev/vga_text.h"
#include "tests/host/support.h"

#define COLUMNS 10
#define ROWS    4

static uint16_t shown[ROWS][COLUMNS];
static uint32_t cursor_row, cursor_column;

static void put(uint32_t row, uint32_t column, uint16_t cell)
{
	ck_assert_uint_lt(row, ROWS);
	ck_assert_uint_lt(column, COLUMNS);
	shown[row][column] = cell;
}

static void scroll(uint16_t blank)
{
	memmove(shown[0], shown[1], sizeof shown - sizeof shown[0]);
	for (uint32_t column = 0; column < COLUMNS; column++)
		put(ROWS - 1, column, blank);
}

static void move_cursor(uint32_t row, uint32_t column)
{
	ck_assert_uint_lt(row, ROWS);
	ck_assert_uint_lt(column, COLUMNS);
	cursor_row = row;
	cursor_column = column;
}

const struct display vga_text = {
	.columns = COLUMNS, .rows = ROWS, .put = put, .scroll = scroll, .move_cursor = move_cursor
};

const struct display *framebuffer_display(void)
{
	return NULL;
}

static void write(const char *text)
{
	screen_write(text, strlen(text));
}

static void begin(void)
{
	write("\033[m\033[H\033[J");
}

/* The rows one after the other, without the blanks behind them. */
static void expect(const char *text, uint32_t row, uint32_t column)
{
	char seen[ROWS * (COLUMNS + 1) + 1], *end = seen;

	for (uint32_t at = 0; at < ROWS; at++) {
		char *last = end;
		for (uint32_t x = 0; x < COLUMNS; x++) {
			end[x] = (char)shown[at][x];
			if (end[x] != ' ')
				last = end + x + 1;
		}
		*last = '\n';
		end = last + 1;
	}
	while (end > seen && end[-1] == '\n')
		end--;
	*end = '\0';
	ck_assert_str_eq(seen, text);
	ck_assert_uint_eq(cursor_row, row);
	ck_assert_uint_eq(cursor_column, column);
}

START_TEST(text_goes_on_in_the_next_row)
{
	begin();
	write("0123456789");
	expect("0123456789", 0, 9); /* not before there is another character */
	write("a\tb");
	expect("0123456789\na       b", 1, 9);
	write("\n2\r3\n4\b5\n6\n7");
	expect("3\n5\n6\n7", 3, 1);
}
END_TEST

START_TEST(the_cursor_moves_and_stays_on_the_screen)
{
	begin();
	write("\033[3;5Hx\033[A\033[2Dy\033[99;99Hz\033[99A\033[99Da\033[B\033[Cb\033[Hc");
	expect("c\n  by\n    x\n         z", 0, 1);
	write("\033[2;fd\033[0;0He");
	expect("e\nd by\n    x\n         z", 0, 1);
}
END_TEST

static void fill(void)
{
	begin();
	write("abcdefghi\njklmnopqr\nstuvwxyz\033[2;4H");
}

START_TEST(parts_are_erased)
{
	fill();
	write("\033[K");
	expect("abcdefghi\njkl\nstuvwxyz", 1, 3);
	fill();
	write("\033[1K");
	expect("abcdefghi\n    nopqr\nstuvwxyz", 1, 3);
	fill();
	write("\033[2K");
	expect("abcdefghi\n\nstuvwxyz", 1, 3);
	fill();
	write("\033[J");
	expect("abcdefghi\njkl", 1, 3);
	fill();
	write("\033[1J");
	expect("\n    nopqr\nstuvwxyz", 1, 3);
	fill();
	write("\033[2J");
	expect("", 1, 3);
}
END_TEST

START_TEST(what_it_does_not_know_shows_nothing)
{
	begin();
	write("a\033[?25lb\033[?1049hc\033[1;2;3;4;5;6;7rd\033=e\a\033[99999999999Zf");
	expect("abcdef", 0, 6);
}
END_TEST

START_TEST(colours_are_vgas)
{
	begin();
	write("a\033[1;31mb\033[7mc\033[0;32;44md\033[22;39;49me");
	ck_assert_uint_eq(shown[0][0], CELL('a', 0x07));
	ck_assert_uint_eq(shown[0][1], CELL('b', 0x0c));
	ck_assert_uint_eq(shown[0][2], CELL('c', 0x40));
	ck_assert_uint_eq(shown[0][3], CELL('d', 0x12));
	ck_assert_uint_eq(shown[0][4], CELL('e', 0x07));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("screen");
	TCase *tests = tcase_create("screen");

	tcase_add_test(tests, text_goes_on_in_the_next_row);
	tcase_add_test(tests, the_cursor_moves_and_stays_on_the_screen);
	tcase_add_test(tests, parts_are_erased);
	tcase_add_test(tests, what_it_does_not_know_shows_nothing);
	tcase_add_test(tests, colours_are_vgas);
	suite_add_tcase(suite, tests);
	return suite;
}
