/*
 * Reading the Multiboot2 boot information (Multiboot2 Specification 2.0, section 3.6).
 */
#include "boot/boot_info.h"

#include <stdbool.h>
#include "boot/multiboot2.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"

#define MODULES_WORD "modules "

struct boot_info boot_info SET_AT_BOOT = { .command_line = "" };

/* The number in "modules NUMBER", which the first module says there are; 0 if this is no such. */
static uint32_t count_in(const char *command_line)
{
	const char *digit = command_line + sizeof MODULES_WORD - 1;
	uint32_t count = 0;

	if (strncmp(command_line, MODULES_WORD, sizeof MODULES_WORD - 1) != 0)
		return 0;
	for (; *digit >= '0' && *digit <= '9'; digit++)
		count = count * 10 + (*digit - '0');
	return count;
}

/*
 * GRUB goes on without a module that it has no memory for, or lists it at address 0. Nothing is
 * ever loaded below 1 MB but what is empty.
 */
static bool is_loaded(const struct multiboot2_module *module)
{
	return module->end == module->start || module->start >= LOW_MEMORY_END;
}

static void read_module(const struct multiboot2_tag *tag)
{
	const struct multiboot2_module *module = (const void *)tag;
	const uint32_t count = count_in(module->command_line);

	if (count > 0)
		boot_info.modules_wanted = count;
	if (count > 0 || !is_loaded(module))
		return;
	if (boot_info.module_count == BOOT_MODULES_MAX) {
		boot_info.modules_left_out++;
		return;
	}
	boot_info.modules[boot_info.module_count++] = (struct boot_module){
		.start = module->start,
		.end = module->end,
		.command_line = module->command_line,
	};
}

static void read_memory_map(const struct multiboot2_tag *tag)
{
	const struct multiboot2_memory_map *map = (const void *)tag;
	const char *const end = (const char *)tag + tag->size;

	for (const char *at = map->entries; at < end; at += map->entry_size) {
		const struct multiboot2_memory *memory = (const void *)at;
		uint64_t memory_end = memory->base + memory->length;

		if (memory->type != MULTIBOOT2_MEMORY_AVAILABLE || memory->base > UINT32_MAX ||
		    boot_info.memory_count == BOOT_REGIONS_MAX)
			continue;
		if (memory_end > UINT32_MAX)
			memory_end = UINT32_MAX;
		boot_info.memory[boot_info.memory_count++] =
			(struct boot_region){ memory->base, memory_end };
	}
}

static void read_elf_sections(const struct multiboot2_tag *tag)
{
	const struct multiboot2_elf_sections *sections = (const void *)tag;

	boot_info.elf_sections = sections->headers;
	boot_info.elf_section_count = sections->count;
	boot_info.elf_section_size = sections->entry_size;
}

static void read_tag(const struct multiboot2_tag *tag)
{
	switch (tag->type) {
	case MULTIBOOT2_TAG_COMMAND_LINE:
		boot_info.command_line = ((const struct multiboot2_command_line *)tag)->string;
		break;
	case MULTIBOOT2_TAG_MODULE:
		read_module(tag);
		break;
	case MULTIBOOT2_TAG_MEMORY_MAP:
		read_memory_map(tag);
		break;
	case MULTIBOOT2_TAG_ELF_SECTIONS:
		read_elf_sections(tag);
		break;
	case MULTIBOOT2_TAG_ACPI_OLD:
	case MULTIBOOT2_TAG_ACPI_NEW:
		boot_info.acpi_rsdp = ((const struct multiboot2_acpi *)tag)->rsdp;
		break;
	}
}

void boot_info_read(uint32_t magic, const void *information)
{
	const struct multiboot2_info *info = information;
	const char *at = (const char *)information + sizeof *info;

	if (magic != MULTIBOOT2_LOADER_MAGIC)
		panic("not started by a Multiboot2 boot loader");
	boot_info.start = (uint32_t)(uintptr_t)information;
	boot_info.end = boot_info.start + info->total_size;
	while (at < (const char *)information + info->total_size) {
		const struct multiboot2_tag *tag = (const void *)at;
		if (tag->type == MULTIBOOT2_TAG_END)
			break;
		read_tag(tag);
		at += (tag->size + 7) & ~7u;
	}
}
