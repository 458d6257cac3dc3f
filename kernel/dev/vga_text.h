/*
 * VGA text as a display: 80 by 25 characters.
 */
#ifndef KERNEL_DEV_VGA_TEXT_H
#define KERNEL_DEV_VGA_TEXT_H

#include "kernel/dev/screen.h"

extern const struct display vga_text;

#endif
