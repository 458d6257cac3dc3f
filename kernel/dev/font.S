/*
 * The font, as tools/font has written it (kernel/dev/font.h).
 */
	.section .rodata
	.globl font
font:
	.incbin FONT
