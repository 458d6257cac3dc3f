/*
 * The screen: 80 by 25 characters of VGA text.
 */
#ifndef KERNEL_DEV_VGA_TEXT_H
#define KERNEL_DEV_VGA_TEXT_H

#include <stdint.h>

/* Clears the screen. At boot. */
void vga_text_init(void);

/*
 * Understands newline, carriage return, tab and backspace. Any context (what two processors write
 * at once may mix).
 */
void vga_text_write(const char *text, uint32_t size);

#endif
