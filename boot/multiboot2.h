/*
 * What Castle uses of the Multiboot2 Specification version 2.0: header tags (section 3.1) and boot
 * information tags (section 3.6).
 */
#ifndef BOOT_MULTIBOOT2_H
#define BOOT_MULTIBOOT2_H

#define MULTIBOOT2_HEADER_MAGIC 0xE85250D6
#define MULTIBOOT2_LOADER_MAGIC 0x36D76289
#define MULTIBOOT2_ARCH_I386    0

#define MULTIBOOT2_HEADER_TAG_END          0
#define MULTIBOOT2_HEADER_TAG_FRAMEBUFFER  5
#define MULTIBOOT2_HEADER_TAG_MODULE_ALIGN 6

#define MULTIBOOT2_HEADER_OPTIONAL 1 /* a flag of a tag */

#define MULTIBOOT2_TAG_END          0
#define MULTIBOOT2_TAG_COMMAND_LINE 1
#define MULTIBOOT2_TAG_MODULE       3
#define MULTIBOOT2_TAG_MEMORY_MAP   6
#define MULTIBOOT2_TAG_FRAMEBUFFER  8
#define MULTIBOOT2_TAG_ELF_SECTIONS 9
#define MULTIBOOT2_TAG_ACPI_OLD     14
#define MULTIBOOT2_TAG_ACPI_NEW     15

#define MULTIBOOT2_MEMORY_AVAILABLE 1

#define MULTIBOOT2_FRAMEBUFFER_RGB 1 /* a pixel has a colour */

#ifndef __ASSEMBLER__
#include <stdint.h>

struct multiboot2_info {
	uint32_t total_size;
	uint32_t reserved;
};

/* Tags follow each other, each at a multiple of 8 bytes. */
struct multiboot2_tag {
	uint32_t type;
	uint32_t size;
};

struct multiboot2_command_line {
	struct multiboot2_tag tag;
	char string[];
};

struct multiboot2_module {
	struct multiboot2_tag tag;
	uint32_t start, end;
	char command_line[];
};

struct multiboot2_memory {
	uint64_t base, length;
	uint32_t type;
	uint32_t reserved;
};

struct multiboot2_memory_map {
	struct multiboot2_tag tag;
	uint32_t entry_size;
	uint32_t entry_version;
	char entries[];
};

struct multiboot2_colour {
	uint8_t position; /* of its lowest bit in the pixel */
	uint8_t bits;
};

struct multiboot2_framebuffer {
	struct multiboot2_tag tag;
	uint64_t address;
	uint32_t pitch; /* bytes from a line to the next */
	uint32_t width, height;
	uint8_t bits; /* of a pixel */
	uint8_t type;
	uint16_t reserved;
	struct multiboot2_colour red, green, blue; /* of MULTIBOOT2_FRAMEBUFFER_RGB */
};

struct multiboot2_elf_sections {
	struct multiboot2_tag tag;
	uint32_t count;
	uint32_t entry_size;
	uint32_t string_section;
	char headers[];
};

struct multiboot2_acpi {
	struct multiboot2_tag tag;
	char rsdp[];
};
#endif

#endif
