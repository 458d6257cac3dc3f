/*
 * What the boot loader left: command line, memory map, modules, ACPI tables, the kernel's own
 * symbols (Multiboot2 Specification, section 3.6). It stays where the loader put it.
 */
#ifndef BOOT_BOOT_INFO_H
#define BOOT_BOOT_INFO_H

#include <stdint.h>

/* Below is firmware's, and where further processors start; the boot loader puts nothing there. */
#define LOW_MEMORY_END 0x100000u

#define BOOT_MODULES_MAX 256
#define BOOT_REGIONS_MAX 32

struct boot_module {
	uint32_t start, end;      /* physical */
	const char *command_line; /* "package NAME" or "files" */
};

struct boot_region {
	uint32_t start, end;
};

struct boot_colour {
	uint8_t position, bits; /* where it is in a pixel */
};

struct boot_framebuffer {
	uint32_t address; /* physical */
	uint32_t pitch;   /* bytes from a line to the next */
	uint32_t width, height;
	uint32_t bits; /* of a pixel; 0: there is no framebuffer */
	struct boot_colour red, green, blue;
};

struct boot_info {
	uint32_t start, end; /* of the loader's own structure */
	const char *command_line;
	struct boot_module modules[BOOT_MODULES_MAX];
	uint32_t module_count;
	uint32_t modules_left_out; /* more than BOOT_MODULES_MAX */
	uint32_t modules_wanted;   /* how many the loader was told to load; 0: it does not say */
	uint32_t damaged_tags;     /* left out, since their sizes cannot be */
	struct boot_region memory[BOOT_REGIONS_MAX]; /* usable, below 4 GB */
	uint32_t memory_count;
	struct boot_framebuffer framebuffer;
	const void *acpi_rsdp;    /* NULL where the loader found none */
	const void *elf_sections; /* the kernel's section headers, NULL if not passed */
	uint32_t elf_section_count;
	uint32_t elf_section_size;
};

extern struct boot_info boot_info;

/* Reads the loader's structure. Panics if the loader is not a Multiboot2 one. At boot. */
void boot_info_read(uint32_t magic, const void *information);

#endif
