/*
 * Symbols of the kernel (System V ABI, chapter 4, "Symbol Table"; Multiboot2 Specification, section
 * 3.6.7: sections that are not part of the running image are loaded, too).
 */
#include "kernel/debug/symbols.h"

#include <stddef.h>
#include "boot/boot_info.h"
#include "kernel/lib/elf_object.h"
#include "kernel/lock/domain.h"

static const struct elf_section *symbol_section, *string_section SET_AT_BOOT;

static const struct elf_section *section_at(uint32_t index)
{
	return (const void *)((const char *)boot_info.elf_sections +
			      index * boot_info.elf_section_size);
}

void symbols_init(void)
{
	for (uint32_t i = 0; i < boot_info.elf_section_count; i++) {
		const struct elf_section *section = section_at(i);
		if (section->type != ELF_SECTION_SYMBOLS ||
		    section->link >= boot_info.elf_section_count)
			continue;
		symbol_section = section;
		string_section = section_at(section->link);
	}
}

bool symbols_memory(uint32_t i, uint32_t *start, uint32_t *end)
{
	const struct elf_section *const sections[] = { symbol_section, string_section };

	if (i >= 2 || !sections[i])
		return false;
	*start = sections[i]->address;
	*end = sections[i]->address + sections[i]->size;
	return true;
}

/* Assembly labels have no type and no size: the nearest one below an address counts. */
static bool symbol_is_code(const struct elf_symbol *symbol)
{
	const uint8_t type = symbol->info & 15;

	return symbol->section && (type == ELF_SYMBOL_FUNCTION || type == ELF_SYMBOL_NO_TYPE);
}

/* Nearer to an address above both; at the same place, a function rather than a label. */
static bool symbol_is_better(const struct elf_symbol *symbol, const struct elf_symbol *best)
{
	if (!best || symbol->value != best->value)
		return !best || symbol->value > best->value;
	return (symbol->info & 15) == ELF_SYMBOL_FUNCTION;
}

const char *symbol_of(uint32_t address, uint32_t *offset)
{
	const struct elf_symbol *symbols, *best = NULL;

	*offset = 0;
	if (!symbol_section)
		return NULL;
	symbols = (const void *)symbol_section->address;
	for (uint32_t i = 0; i < symbol_section->size / sizeof *symbols; i++)
		if (symbol_is_code(&symbols[i]) && symbols[i].value <= address &&
		    symbol_is_better(&symbols[i], best))
			best = &symbols[i];
	if (!best)
		return NULL;
	*offset = address - best->value;
	return (const char *)string_section->address + best->name;
}
