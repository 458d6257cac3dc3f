/*
 * Writing a Multiboot2 boot information (Multiboot2 Specification 2.0, section 3.6).
 */
#include "kernel/partition/information.h"

#include "boot/boot_info.h"
#include "boot/multiboot2.h"
#include "kernel/lib/elf_object.h"
#include "kernel/lib/string.h"

#define TAG_ALIGNMENT 8u

/* The next tag, which is finished by tag_end(). */
static void *tag_begin(uint32_t at, uint32_t type)
{
	struct multiboot2_tag *tag = (void *)at;

	tag->type = type;
	return tag;
}

/* The tag ends before `end`. Returns where the next one goes. */
static uint32_t tag_end(void *started, const void *end)
{
	struct multiboot2_tag *tag = started;

	tag->size = (uint32_t)end - (uint32_t)tag;
	return ((uint32_t)end + TAG_ALIGNMENT - 1) & ~(TAG_ALIGNMENT - 1);
}

static uint32_t add_command_line(uint32_t at, const char *command_line)
{
	struct multiboot2_command_line *line = tag_begin(at, MULTIBOOT2_TAG_COMMAND_LINE);
	const size_t size = strlen(command_line) + 1;

	memcpy(line->string, command_line, size);
	return tag_end(line, line->string + size);
}

/* Programs and files are the machine's: all partitions read the same. */
static uint32_t add_module(uint32_t at, const struct boot_module *from)
{
	struct multiboot2_module *module = tag_begin(at, MULTIBOOT2_TAG_MODULE);
	const size_t size = strlen(from->command_line) + 1;

	module->start = from->start;
	module->end = from->end;
	memcpy(module->command_line, from->command_line, size);
	return tag_end(module, module->command_line + size);
}

static uint32_t add_memory(uint32_t at, uint32_t start, uint32_t end)
{
	struct multiboot2_memory_map *map = tag_begin(at, MULTIBOOT2_TAG_MEMORY_MAP);
	struct multiboot2_memory *memory = (void *)map->entries;

	map->entry_size = sizeof *memory;
	map->entry_version = 0;
	*memory = (struct multiboot2_memory){
		.base = start,
		.length = end - start,
		.type = MULTIBOOT2_MEMORY_AVAILABLE,
	};
	return tag_end(map, memory + 1);
}

static uint32_t add_symbols(uint32_t at, const struct partition_image *image)
{
	struct multiboot2_elf_sections *tag = tag_begin(at, MULTIBOOT2_TAG_ELF_SECTIONS);
	struct elf_section *sections = (void *)tag->headers;

	sections[0] = (struct elf_section){ .type = ELF_SECTION_STRINGS,
					    .address = image->strings,
					    .size = image->strings_size };
	sections[1] = (struct elf_section){ .type = ELF_SECTION_SYMBOLS,
					    .address = image->symbols,
					    .size = image->symbols_size,
					    .link = 0 };
	tag->count = 2;
	tag->entry_size = sizeof *sections;
	tag->string_section = 0;
	return tag_end(tag, sections + 2);
}

/* The machine's, where it has one; only the first partition's kernel draws on it. */
static uint32_t add_framebuffer(uint32_t at)
{
	const struct boot_framebuffer *from = &boot_info.framebuffer;
	struct multiboot2_framebuffer *to = tag_begin(at, MULTIBOOT2_TAG_FRAMEBUFFER);

	if (!from->bits)
		return at;
	to->address = from->address;
	to->pitch = from->pitch;
	to->width = from->width;
	to->height = from->height;
	to->bits = from->bits;
	to->type = MULTIBOOT2_FRAMEBUFFER_RGB;
	to->reserved = 0;
	to->red = (struct multiboot2_colour){ from->red.position, from->red.bits };
	to->green = (struct multiboot2_colour){ from->green.position, from->green.bits };
	to->blue = (struct multiboot2_colour){ from->blue.position, from->blue.bits };
	return tag_end(to, to + 1);
}

uint32_t partition_information(const struct partition_image *image, const char *command_line,
			       uint32_t start, uint32_t end)
{
	struct multiboot2_info *info = (void *)image->end;
	uint32_t at = image->end + sizeof *info;

	at = add_command_line(at, command_line);
	for (uint32_t i = 0; i < boot_info.module_count; i++)
		at = add_module(at, &boot_info.modules[i]);
	at = add_memory(at, start, end);
	at = add_framebuffer(at);
	at = add_symbols(at, image);
	at = tag_end(tag_begin(at, MULTIBOOT2_TAG_END),
		     (void *)(at + sizeof(struct multiboot2_tag)));
	info->total_size = at - image->end;
	info->reserved = 0;
	return image->end;
}
