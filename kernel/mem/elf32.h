/*
 * ELF-32 as far as executables need it (System V ABI, chapters 4 and 5).
 */
#ifndef KERNEL_MEM_ELF32_H
#define KERNEL_MEM_ELF32_H

#include <stdint.h>

#define ELF_MAGIC         0x464c457fu /* "\177ELF", little-endian */
#define ELF_CLASS_32      1
#define ELF_LITTLE_ENDIAN 1
#define ELF_EXECUTABLE    2
#define ELF_MACHINE_386   3
#define ELF_LOAD          1
#define ELF_DYNAMIC       2
#define ELF_INTERPRETER   3
#define ELF_WRITABLE      2

struct elf_header {
	uint32_t magic;
	uint8_t class, data, identification_version, os_abi, padding[8];
	uint16_t type, machine;
	uint32_t version, entry, program_offset, section_offset, flags;
	uint16_t header_size, program_size, program_count;
	uint16_t section_size, section_count, section_names;
};

struct elf_program {
	uint32_t type, offset, virtual_address, physical_address;
	uint32_t file_size, memory_size, flags, align;
};

#endif
