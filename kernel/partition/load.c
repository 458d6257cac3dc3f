/*
 * Linking, once more: the kernel is linked for the place that all kernels are linked for, and its
 * file keeps the relocations, so that the monitor can do for another place what the linker did. The
 * kernel's memory is mapped one to one (Figure 3.2), so each partition's kernel needs a place of
 * its own, and no instruction of it has to know.
 */
#include "kernel/partition/load.h"

#include <stdbool.h>
#include "kernel/debug/panic.h"
#include "kernel/lib/elf_object.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/elf32.h"
#include "kernel/mem/page.h"

extern const char partition_kernel_up[], partition_kernel_smp[];

/* The file of the kernel that all partitions run. */
static const char *partition_kernel SET_AT_BOOT = partition_kernel_up;

/* The place that it was linked for, up to its last page's end, which has a name (linker.ld). */
struct link_range {
	uint32_t start, end;
};

static uint32_t page_up(uint32_t address)
{
	return (address + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

static const struct elf_header *file_header(void)
{
	return (const void *)partition_kernel;
}

static const struct elf_program *program_at(uint32_t index)
{
	return (const void *)(partition_kernel + file_header()->program_offset +
			      index * sizeof(struct elf_program));
}

static const struct elf_section *section_at(uint32_t index)
{
	return (const void *)(partition_kernel + file_header()->section_offset +
			      index * sizeof(struct elf_section));
}

static struct link_range range_find(void)
{
	struct link_range range = { UINT32_MAX, 0 };

	for (uint32_t i = 0; i < file_header()->program_count; i++) {
		const struct elf_program *program = program_at(i);
		const uint32_t end = program->virtual_address + program->memory_size;
		if (program->type != ELF_LOAD || program->memory_size == 0)
			continue;
		if (program->virtual_address < range.start)
			range.start = program->virtual_address;
		if (end > range.end)
			range.end = end;
	}
	range.end = page_up(range.end);
	return range;
}

static void segments_copy(uint32_t delta)
{
	for (uint32_t i = 0; i < file_header()->program_count; i++) {
		const struct elf_program *program = program_at(i);
		uint8_t *const to = (uint8_t *)(program->virtual_address + delta);
		if (program->type != ELF_LOAD)
			continue;
		memcpy(to, partition_kernel + program->offset, program->file_size);
		memset(to + program->file_size, 0, program->memory_size - program->file_size);
	}
}

/* Whether a symbol names a place in the kernel, and not a number. Its very end is one, too. */
static bool moves(const struct link_range *range, uint32_t value)
{
	return value >= range->start && value <= range->end;
}

/* What the linker has put to the place is right for where the kernel was linked for. */
static void relocate(const struct elf_relocation *relocation, const struct elf_symbol *symbols,
		     const struct link_range *range, uint32_t delta)
{
	const bool moved = moves(range, symbols[ELF_RELOCATION_SYMBOL(relocation->info)].value);
	uint32_t value;

	memcpy(&value, (const void *)(relocation->place + delta), sizeof value);
	switch (ELF_RELOCATION_TYPE(relocation->info)) {
	case ELF_RELOCATION_NONE:
		return;
	case ELF_RELOCATION_ADDRESS:
		value += moved ? delta : 0;
		break;
	case ELF_RELOCATION_DISTANCE:
	case ELF_RELOCATION_CALL:
		value -= moved ? 0 : delta;
		break;
	default:
		panic("the partitions' kernel has a relocation of type %u",
		      ELF_RELOCATION_TYPE(relocation->info));
	}
	memcpy((void *)(relocation->place + delta), &value, sizeof value);
}

static void sections_relocate(const struct link_range *range, uint32_t delta)
{
	for (uint32_t i = 0; i < file_header()->section_count; i++) {
		const struct elf_section *section = section_at(i);
		const struct elf_relocation *relocations;
		const struct elf_symbol *symbols;
		if (section->type != ELF_SECTION_RELOCATIONS ||
		    !(section_at(section->info)->flags & ELF_SECTION_ALLOCATED))
			continue;
		relocations = (const void *)(partition_kernel + section->offset);
		symbols = (const void *)(partition_kernel + section_at(section->link)->offset);
		for (uint32_t r = 0; r < section->size / sizeof *relocations; r++)
			relocate(&relocations[r], symbols, range, delta);
	}
}

static const struct elf_section *symbols_find(void)
{
	for (uint32_t i = 0; i < file_header()->section_count; i++)
		if (section_at(i)->type == ELF_SECTION_SYMBOLS)
			return section_at(i);
	panic("the partitions' kernel has no symbols");
}

/* For backtraces, and for partition_symbol(). */
static void symbols_copy(const struct link_range *range, uint32_t delta,
			 struct partition_image *image)
{
	const struct elf_section *section = symbols_find();
	const struct elf_section *strings = section_at(section->link);
	struct elf_symbol *symbols = (void *)image->end;

	image->symbols = image->end;
	image->symbols_size = section->size;
	image->strings = image->symbols + section->size;
	image->strings_size = strings->size;
	image->end = page_up(image->strings + strings->size);
	memcpy(symbols, partition_kernel + section->offset, section->size);
	memcpy((void *)image->strings, partition_kernel + strings->offset, strings->size);
	for (uint32_t i = 0; i < section->size / sizeof *symbols; i++)
		if (moves(range, symbols[i].value))
			symbols[i].value += delta;
}

void partition_load_choose(bool several)
{
	partition_kernel = several ? partition_kernel_smp : partition_kernel_up;
}

void partition_load(uint32_t start, struct partition_image *image)
{
	const struct link_range range = range_find();
	const uint32_t delta = start - range.start;

	segments_copy(delta);
	sections_relocate(&range, delta);
	image->entry = file_header()->entry + delta;
	image->end = range.end + delta;
	symbols_copy(&range, delta, image);
}

void *partition_symbol(const struct partition_image *image, const char *name)
{
	const struct elf_symbol *symbols = (const void *)image->symbols;

	for (uint32_t i = 0; i < image->symbols_size / sizeof *symbols; i++)
		if (strcmp((const char *)image->strings + symbols[i].name, name) == 0)
			return (void *)symbols[i].value;
	panic("the partitions' kernel has no %s", name);
}
