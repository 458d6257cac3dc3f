/*
 * Where boot/trampoline.S is copied to, and the words in it through which the boot processor hands
 * a further processor its page directory and its kernel's entry point.
 */
#ifndef BOOT_TRAMPOLINE_H
#define BOOT_TRAMPOLINE_H

#define TRAMPOLINE_PAGE      0x8000 /* below 1 MB, on a page: its number is the start-up vector */
#define TRAMPOLINE_DIRECTORY (TRAMPOLINE_PAGE + 0x100)
#define TRAMPOLINE_ENTRY     (TRAMPOLINE_DIRECTORY + 4)

#ifndef __ASSEMBLER__
#include <stdint.h>

extern const uint8_t trampoline_start[], trampoline_end[];
#endif

#endif
