/*
 * The PS/2 keyboard (IBM PS/2 keyboard, scan code set 1, US layout).
 */
#include "kernel/dev/keyboard.h"

#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/interrupt.h"
#include "kernel/lock/domain.h"

#define KEYBOARD_DATA   0x60
#define KEYBOARD_STATUS 0x64
#define STATUS_FULL     0x01

#define SCAN_RELEASE     0x80
#define SCAN_CTRL        0x1d
#define SCAN_LEFT_SHIFT  0x2a
#define SCAN_RIGHT_SHIFT 0x36

static const char plain[] =
	"\0\0331234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] =
	"\0\033!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

/* Keys behind a prefix, or of the number pad, that send what a terminal's do: the letter behind ESC
 * [. */
static const struct {
	uint8_t scan;
	char letter;
} moving[] = {
	{ 0x48, 'A' }, { 0x50, 'B' }, { 0x4d, 'C' }, { 0x4b, 'D' }, /* up, down, right, left */
	{ 0x47, 'H' }, { 0x4f, 'F' },                               /* home, end */
};

static void (*keyboard_typed)(char) SET_AT_BOOT;
static bool shift, ctrl UNGUARDED("the first level's, on the boot processor");

static char key_character(uint8_t scan)
{
	if (scan >= sizeof plain)
		return 0;
	const char c = shift ? shifted[scan] : plain[scan];
	return ctrl && c >= '@' && c <= '~' ? c & 0x1f : c;
}

static void type_moving(uint8_t scan)
{
	for (uint32_t i = 0; i < sizeof moving / sizeof *moving; i++) {
		if (moving[i].scan == scan) {
			keyboard_typed('\033');
			keyboard_typed('[');
			keyboard_typed(moving[i].letter);
		}
	}
}

static void keyboard_scan(uint8_t scan)
{
	const bool pressed = !(scan & SCAN_RELEASE);
	const uint8_t key = scan & ~SCAN_RELEASE;
	char c;

	if (key == SCAN_LEFT_SHIFT || key == SCAN_RIGHT_SHIFT) {
		shift = pressed;
	} else if (key == SCAN_CTRL) {
		ctrl = pressed;
	} else if (pressed) {
		c = key_character(key);
		if (c)
			keyboard_typed(c);
		else
			type_moving(key);
	}
}

void keyboard_poll(void)
{
	while (in8(KEYBOARD_STATUS) & STATUS_FULL)
		keyboard_scan(in8(KEYBOARD_DATA));
}

void keyboard_listen(void (*typed)(char c))
{
	keyboard_typed = typed;
	interrupt_register(INTERRUPT_KEYBOARD, keyboard_poll);
}
