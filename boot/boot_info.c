/*
 * Reading the Multiboot2 boot information (Multiboot2 Specification 2.0, section 3.6). Sizes in it
 * are believed only as far as they keep to the whole: a tag that does not is left out, and so is
 * what follows one whose own size cannot be.
 */
#include "boot/boot_info.h"

#include <stdbool.h>
#include <stddef.h>
#include "boot/multiboot2.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"

#define MODULES_WORD "modules "
#define PADDING(at)  (-(at)&7) /* up to the next tag */
#define FRAMEBUFFER_SIZE \
	(offsetof(struct multiboot2_framebuffer, blue) + sizeof(struct multiboot2_colour))
#define FRAMEBUFFER_SIDE_MAX  16384u /* pixels */
#define FRAMEBUFFER_PITCH_MAX (FRAMEBUFFER_SIDE_MAX * 4)
#define ELF_SECTION_SIZE      40 /* at least, of a section header: System V ABI, chapter 4 */

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

/* GRUB goes on without a module that it has no memory for, or lists it at address 0. */
static bool is_loaded(const struct multiboot2_module *module)
{
	return module->end == module->start || (module->start > 0 && module->end > module->start);
}

/* Whether the tag has a string from `offset` on, with its end. */
static bool has_string(const struct multiboot2_tag *tag, uint32_t offset)
{
	for (uint32_t at = offset; at < tag->size; at++)
		if (!((const char *)tag)[at])
			return true;
	return false;
}

static bool has_size(const struct multiboot2_tag *tag, uint32_t size)
{
	return tag->size >= size;
}

static void read_command_line(const struct multiboot2_tag *tag)
{
	const struct multiboot2_command_line *line = (const void *)tag;

	if (has_string(tag, sizeof *tag))
		boot_info.command_line = line->string;
	else
		boot_info.damaged_tags++;
}

static void read_module(const struct multiboot2_tag *tag)
{
	const struct multiboot2_module *module = (const void *)tag;
	uint32_t count;

	if (!has_string(tag, sizeof *module)) {
		boot_info.damaged_tags++;
		return;
	}
	count = count_in(module->command_line);
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
	uint32_t at = sizeof *map;

	if (!has_size(tag, sizeof *map) || map->entry_size < sizeof(struct multiboot2_memory)) {
		boot_info.damaged_tags++;
		return;
	}
	for (; tag->size - at >= map->entry_size; at += map->entry_size) {
		struct multiboot2_memory memory;
		uint64_t memory_end;

		memcpy(&memory, (const char *)tag + at, sizeof memory);
		memory_end = memory.base + memory.length;
		if (memory.type != MULTIBOOT2_MEMORY_AVAILABLE || memory.base >= UINT32_MAX ||
		    memory_end <= memory.base || boot_info.memory_count == BOOT_REGIONS_MAX)
			continue;
		if (memory_end > UINT32_MAX)
			memory_end = UINT32_MAX;
		boot_info.memory[boot_info.memory_count++] =
			(struct boot_region){ memory.base, memory_end };
	}
}

/* Of one that the kernel cannot reach, or whose size cannot be, nothing is said. */
static void read_framebuffer(const struct multiboot2_tag *tag)
{
	const struct multiboot2_framebuffer *screen = (const void *)tag;

	if (!has_size(tag, offsetof(struct multiboot2_framebuffer, red))) {
		boot_info.damaged_tags++;
		return;
	}
	if (screen->type != MULTIBOOT2_FRAMEBUFFER_RGB)
		return;
	if (!has_size(tag, FRAMEBUFFER_SIZE) || screen->width > FRAMEBUFFER_SIDE_MAX ||
	    screen->height > FRAMEBUFFER_SIDE_MAX || screen->pitch > FRAMEBUFFER_PITCH_MAX ||
	    (uint64_t)screen->width * screen->bits > (uint64_t)screen->pitch * 8) {
		boot_info.damaged_tags++;
		return;
	}
	if (screen->address + (uint64_t)screen->pitch * screen->height > UINT32_MAX)
		return;
	boot_info.framebuffer = (struct boot_framebuffer){
		.address = screen->address,
		.pitch = screen->pitch,
		.width = screen->width,
		.height = screen->height,
		.bits = screen->bits,
		.red = { screen->red.position, screen->red.bits },
		.green = { screen->green.position, screen->green.bits },
		.blue = { screen->blue.position, screen->blue.bits },
	};
}

static void read_elf_sections(const struct multiboot2_tag *tag)
{
	const struct multiboot2_elf_sections *sections = (const void *)tag;

	if (!has_size(tag, sizeof *sections) || sections->entry_size < ELF_SECTION_SIZE ||
	    sections->count > (tag->size - sizeof *sections) / sections->entry_size) {
		boot_info.damaged_tags++;
		return;
	}
	boot_info.elf_sections = sections->headers;
	boot_info.elf_section_count = sections->count;
	boot_info.elf_section_size = sections->entry_size;
}

static void read_tag(const struct multiboot2_tag *tag)
{
	switch (tag->type) {
	case MULTIBOOT2_TAG_COMMAND_LINE:
		read_command_line(tag);
		break;
	case MULTIBOOT2_TAG_MODULE:
		read_module(tag);
		break;
	case MULTIBOOT2_TAG_MEMORY_MAP:
		read_memory_map(tag);
		break;
	case MULTIBOOT2_TAG_FRAMEBUFFER:
		read_framebuffer(tag);
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
	uint32_t at = sizeof *info;

	if (magic != MULTIBOOT2_LOADER_MAGIC)
		panic("not started by a Multiboot2 boot loader");
	boot_info.start = (uint32_t)(uintptr_t)information;
	boot_info.end = boot_info.start + info->total_size;
	if (info->total_size < sizeof *info) {
		boot_info.damaged_tags++;
		return;
	}
	while (info->total_size - at >= sizeof(struct multiboot2_tag)) {
		const struct multiboot2_tag *tag = (const void *)((const char *)information + at);

		if (tag->type == MULTIBOOT2_TAG_END)
			break;
		if (!has_size(tag, sizeof *tag) || tag->size > info->total_size - at) {
			boot_info.damaged_tags++;
			break;
		}
		read_tag(tag);
		at += tag->size;
		if (info->total_size - at < PADDING(at))
			break;
		at += PADDING(at);
	}
}
