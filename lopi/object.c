/*
 * What an object file consists of, looked up and added to. Nothing here knows the file's layout.
 */
#include "object.h"
#include "memory.h"

#include <string.h>

uint32_t bytes_get32(const uint8_t *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

void bytes_put32(uint8_t *bytes, uint32_t value)
{
	for (int index = 0; index < 4; index++)
		bytes[index] = value >> 8 * index;
}

bool object_is_code(const struct object *object, unsigned section)
{
	const uint64_t wanted = SHF_ALLOC | SHF_EXECINSTR;

	return section > 0 && section < object->section_count &&
	       object->sections[section].header.sh_type == SHT_PROGBITS &&
	       (object->sections[section].header.sh_flags & wanted) == wanted;
}

unsigned object_find_section(const struct object *object, const char *name)
{
	size_t length = strlen(name);
	bool prefix = length > 0 && name[length - 1] == '*';

	for (unsigned index = 1; index < object->section_count; index++) {
		const char *found = object->sections[index].name;

		if (prefix ? strncmp(found, name, length - 1) == 0 : strcmp(found, name) == 0)
			return index;
	}
	return 0;
}

unsigned object_add_section(struct object *object, const char *name, uint32_t type, uint64_t flags,
			    unsigned like)
{
	unsigned index = object->section_count;
	unsigned group = object->sections[like].group;
	struct section *section;

	object->sections = memory_grow(object->sections, index, sizeof(*object->sections));
	object->section_count++;
	section = &object->sections[index];
	section->name = name;
	section->header.sh_type = type;
	section->header.sh_flags = flags;
	section->header.sh_addralign = 1;
	if (group) {
		uint8_t member[4];

		bytes_put32(member, index);
		object_append(object, group, member, sizeof(member));
		section->header.sh_flags |= SHF_GROUP;
		section->group = group;
	}
	return index;
}

/* Room doubles, so that appending costs what is appended, however big the section is. */
uint32_t section_append(struct section *section, const void *bytes, uint32_t size)
{
	uint32_t offset = section->size;

	if (size == 0)
		return offset;
	if (section->room < offset + size) {
		section->room = 2 * (offset + size);
		section->bytes = memory_resize(section->bytes, section->room);
	}
	memcpy(section->bytes + offset, bytes, size);
	section->size = offset + size;
	return offset;
}

uint32_t object_append(struct object *object, unsigned section, const void *bytes, uint32_t size)
{
	return section_append(&object->sections[section], bytes, size);
}

uint32_t object_add_symbol(struct object *object, const char *name, unsigned char binding,
			   unsigned char type, unsigned section, uint32_t value, uint32_t size)
{
	uint32_t index = object->symbol_count;
	struct symbol *symbol;

	object->symbols = memory_grow(object->symbols, index, sizeof(*object->symbols));
	object->symbol_count++;
	symbol = &object->symbols[index];
	symbol->name = name;
	symbol->elf.st_value = value;
	symbol->elf.st_size = size;
	symbol->elf.st_info = GELF_ST_INFO(binding, type);
	symbol->elf.st_shndx = section;
	return index;
}

void object_note_section_symbols(struct object *object)
{
	for (uint32_t index = object->symbol_count; index-- > 1;) {
		const GElf_Sym *symbol = &object->symbols[index].elf;

		if (GELF_ST_TYPE(symbol->st_info) == STT_SECTION && symbol->st_value == 0 &&
		    symbol->st_shndx < object->section_count)
			object->sections[symbol->st_shndx].symbol = index;
	}
}

uint32_t object_section_symbol(struct object *object, unsigned section)
{
	if (!object->sections[section].symbol)
		object->sections[section].symbol =
			object_add_symbol(object, "", STB_LOCAL, STT_SECTION, section, 0, 0);
	return object->sections[section].symbol;
}

/* The library's symbols are in the same program always, hence hidden: no detour through a table. */
static uint32_t find_undefined(struct object *object, const char *name, unsigned char type)
{
	uint32_t index;

	for (index = 1; index < object->symbol_count; index++) {
		const struct symbol *symbol = &object->symbols[index];

		if (symbol->elf.st_shndx == SHN_UNDEF && strcmp(symbol->name, name) == 0)
			return index;
	}
	index = object_add_symbol(object, name, STB_GLOBAL, type, SHN_UNDEF, 0, 0);
	object->symbols[index].elf.st_other = STV_HIDDEN;
	return index;
}

/* A few names are asked for again and again. */
uint32_t object_undefined_symbol(struct object *object, const char *name, unsigned char type)
{
	uint32_t index;

	for (size_t known = 0; known < object->undefined_count; known++) {
		if (strcmp(object->symbols[object->undefined[known]].name, name) == 0)
			return object->undefined[known];
	}
	index = find_undefined(object, name, type);
	object->undefined =
		memory_grow(object->undefined, object->undefined_count, sizeof(*object->undefined));
	object->undefined[object->undefined_count++] = index;
	return index;
}

/* The index of the section's first relocation that is not before `offset`. */
static size_t first_relocation(const struct section *section, uint32_t offset)
{
	size_t low = 0, high = section->relocation_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (section->relocations[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void object_add_relocation(struct object *object, unsigned section, struct relocation relocation)
{
	struct section *relocated = &object->sections[section];
	size_t index = relocated->relocation_count;

	if (!relocated->relocated_by) {
		bool wide = object->wide;
		unsigned table = object_add_section(
			object, memory_print(wide ? ".rela%s" : ".rel%s", relocated->name),
			wide ? SHT_RELA : SHT_REL, SHF_INFO_LINK, section);

		relocated = &object->sections[section];
		object->sections[table].header.sh_info = section;
		object->sections[table].header.sh_addralign = object_word(object);
		object->sections[table].header.sh_entsize =
			wide ? sizeof(Elf64_Rela) : sizeof(Elf32_Rel);
		relocated->relocated_by = table;
	}
	relocated->relocations =
		memory_grow(relocated->relocations, index, sizeof(*relocated->relocations));
	if (index > 0 && relocated->relocations[index - 1].offset > relocation.offset) {
		size_t place = first_relocation(relocated, relocation.offset + 1);

		memmove(&relocated->relocations[place + 1], &relocated->relocations[place],
			(index - place) * sizeof(relocation));
		index = place;
	}
	relocated->relocations[index] = relocation;
	relocated->relocation_count++;
}

void object_merge_relocations(struct object *object, unsigned section,
			      const struct relocation *relocations, size_t count)
{
	struct section *relocated = &object->sections[section];
	size_t old = relocated->relocation_count, total = old + count;
	struct relocation *merged;

	if (count == 0)
		return;
	if (!relocated->relocated_by) {
		object_add_relocation(object, section, relocations[0]);
		object_merge_relocations(object, section, &relocations[1], count - 1);
		return;
	}
	merged = memory_new(2 * total,
			    sizeof(*merged)); /* as memory_grow() would have it, or more */
	for (size_t place = total; place-- > 0;) {
		if (count == 0 || (old > 0 && relocated->relocations[old - 1].offset >
						      relocations[count - 1].offset))
			merged[place] = relocated->relocations[--old];
		else
			merged[place] = relocations[--count];
	}
	relocated->relocations = merged;
	relocated->relocation_count = total;
}

struct relocation *object_relocation_in(const struct object *object, unsigned section,
					uint32_t start, uint32_t end)
{
	const struct section *relocated = &object->sections[section];
	size_t first = first_relocation(relocated, start);

	if (first == relocated->relocation_count || relocated->relocations[first].offset >= end)
		return NULL;
	return &relocated->relocations[first];
}

void object_drop_relocations(struct object *object, unsigned section, uint32_t start, uint32_t end)
{
	struct section *relocated = &object->sections[section];
	size_t first = first_relocation(relocated, start),
	       behind = first_relocation(relocated, end);

	if (first == behind)
		return;
	memmove(&relocated->relocations[first], &relocated->relocations[behind],
		(relocated->relocation_count - behind) * sizeof(*relocated->relocations));
	relocated->relocation_count -= behind - first;
}

bool object_resolve(const struct object *object, const struct relocation *relocation,
		    int32_t distance, struct place *place)
{
	const GElf_Sym *symbol = &object->symbols[relocation->symbol].elf;
	int32_t addend = relocation->addend + distance;

	*place = (struct place){ .symbol = relocation->symbol, .offset = addend };
	if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= object->section_count)
		return false;
	place->section = symbol->st_shndx;
	place->offset = symbol->st_value + addend;
	return true;
}

bool object_is_address(const struct object *object, const struct relocation *relocation)
{
	if (!object->wide)
		return relocation->type == R_386_32 || relocation->type == R_386_GOTOFF;
	switch (relocation->type) {
	case R_X86_64_64:
	case R_X86_64_32:
	case R_X86_64_32S:
	case R_X86_64_GOTOFF64:
		return true;
	default:
		return false;
	}
}
