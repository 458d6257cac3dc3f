/*
 * Sections, symbols and relocations of ELF-32 files (System V ABI, chapter 4, and its supplement
 * for the Intel386, chapter 4).
 */
#ifndef KERNEL_LIB_ELF_OBJECT_H
#define KERNEL_LIB_ELF_OBJECT_H

#include <stdint.h>

#define ELF_SECTION_SYMBOLS     2
#define ELF_SECTION_STRINGS     3
#define ELF_SECTION_RELOCATIONS 9

#define ELF_SYMBOL_NO_TYPE  0 /* the lower half of `info` */
#define ELF_SYMBOL_FUNCTION 2

#define ELF_SECTION_ALLOCATED 2u /* a flag: part of the running image */

#define ELF_RELOCATION_NONE     0
#define ELF_RELOCATION_ADDRESS  1 /* symbol + addend */
#define ELF_RELOCATION_DISTANCE 2 /* symbol + addend - place */
#define ELF_RELOCATION_CALL     4 /* the same, of a function */

struct elf_section {
	uint32_t name, type, flags, address, offset, size, link, info, align, entry_size;
};

struct elf_symbol {
	uint32_t name, value, size;
	uint8_t info, other;
	uint16_t section;
};

struct elf_relocation {
	uint32_t place;
	uint32_t info; /* symbol and type */
};

#define ELF_RELOCATION_SYMBOL(info) ((info) >> 8)
#define ELF_RELOCATION_TYPE(info)   ((info)&0xff)

#endif
