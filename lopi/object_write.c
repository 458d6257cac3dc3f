/*
 * Writes an object file with libelf. Local symbols come first in a symbol table, so those that were
 * added move there, and whatever names symbols by index follows.
 */
#include "memory.h"
#include "object.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct output {
	const struct object *object;
	uint32_t *symbol_map; /* from the index in memory to that in the file */
	uint32_t *symbol_names;
	uint32_t locals;
	struct section *sections; /* copies, whose bytes are the file's */
};

static void map_symbols(struct output *output)
{
	const struct object *object = output->object;
	uint32_t next = 0;

	output->symbol_map = memory_new(object->symbol_count, sizeof(uint32_t));
	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t index = 0; index < object->symbol_count; index++) {
			bool local = GELF_ST_BIND(object->symbols[index].elf.st_info) == STB_LOCAL;

			if (local == (pass == 0))
				output->symbol_map[index] = next++;
		}
		if (pass == 0)
			output->locals = next;
	}
}

/* Appends a name to a string table and returns where it is. */
static uint32_t add_name(struct section *table, const char *name)
{
	return section_append(table, name, strlen(name) + 1);
}

static void encode_symbol(const struct object *object, const GElf_Sym *symbol, uint8_t *entry)
{
	Elf32_Sym narrow = { .st_name = symbol->st_name,
			     .st_value = symbol->st_value,
			     .st_size = symbol->st_size,
			     .st_info = symbol->st_info,
			     .st_other = symbol->st_other,
			     .st_shndx = symbol->st_shndx };

	if (object->wide)
		memcpy(entry, symbol, sizeof(*symbol));
	else
		memcpy(entry, &narrow, sizeof(narrow));
}

static void make_symbols(struct output *output)
{
	const struct object *object = output->object;
	struct section *table = &output->sections[object->symbol_table];
	uint32_t size = object->wide ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);

	table->size = object->symbol_count * size;
	table->bytes = memory_new(table->size, 1);
	table->header.sh_info = output->locals;
	for (uint32_t index = 0; index < object->symbol_count; index++) {
		GElf_Sym symbol = object->symbols[index].elf;

		if (symbol.st_name == 0 && object->symbols[index].name &&
		    object->symbols[index].name[0])
			symbol.st_name = add_name(&output->sections[object->string_table],
						  object->symbols[index].name);
		encode_symbol(object, &symbol, table->bytes + output->symbol_map[index] * size);
	}
}

static void make_relocations(struct output *output, unsigned index)
{
	const struct section *section = &output->object->sections[index];
	struct section *table = &output->sections[section->relocated_by];
	bool wide = output->object->wide;
	uint32_t size = wide ? sizeof(Elf64_Rela) : sizeof(Elf32_Rel);

	table->header.sh_link = output->object->symbol_table;
	table->size = section->relocation_count * size;
	table->bytes = memory_new(table->size, 1);
	for (size_t entry = 0; entry < section->relocation_count; entry++) {
		const struct relocation *relocation = &section->relocations[entry];
		uint32_t symbol = output->symbol_map[relocation->symbol];
		Elf32_Rel rel = { relocation->offset, ELF32_R_INFO(symbol, relocation->type) };
		Elf64_Rela rela = { relocation->offset,
				    ELF64_R_INFO((uint64_t)symbol, relocation->type),
				    relocation->addend };

		if (wide)
			memcpy(table->bytes + entry * size, &rela, size);
		else
			memcpy(table->bytes + entry * size, &rel, size);
	}
}

static void make_sections(struct output *output)
{
	const struct object *object = output->object;

	output->sections = memory_new(object->section_count, sizeof(struct section));
	memcpy(output->sections, object->sections, object->section_count * sizeof(struct section));
	for (unsigned index = 1; index < object->section_count; index++) {
		struct section *section = &output->sections[index];

		if (section->relocated_by)
			make_relocations(output, index);
		if (section->header.sh_type == SHT_GROUP)
			section->header.sh_info = output->symbol_map[section->header.sh_info];
		if (section->header.sh_name == 0 && section->name[0])
			section->header.sh_name =
				add_name(&output->sections[object->name_table], section->name);
	}
	make_symbols(output);
}

static Elf_Type data_type(const struct section *section)
{
	switch (section->header.sh_type) {
	case SHT_SYMTAB:
		return ELF_T_SYM;
	case SHT_REL:
		return ELF_T_REL;
	case SHT_RELA:
		return ELF_T_RELA;
	case SHT_GROUP:
		return ELF_T_WORD;
	default:
		return ELF_T_BYTE;
	}
}

static bool write_section(Elf *elf, const struct section *section)
{
	Elf_Scn *scn = elf_newscn(elf);
	Elf_Data *data = scn ? elf_newdata(scn) : NULL;
	GElf_Shdr header = section->header;

	if (!data)
		return false;
	header.sh_size = section->size;
	if (!gelf_update_shdr(scn, &header))
		return false;
	data->d_buf = section->bytes;
	data->d_size = section->size;
	data->d_type = data_type(section);
	data->d_align = section->header.sh_addralign ? section->header.sh_addralign : 1;
	data->d_version = EV_CURRENT;
	return true;
}

static bool write_elf(const struct output *output, int file)
{
	Elf *elf = elf_begin(file, ELF_C_WRITE, NULL);
	GElf_Ehdr header = output->object->header;
	bool good = elf && gelf_newehdr(elf, output->object->wide ? ELFCLASS64 : ELFCLASS32);

	header.e_shoff = 0;
	header.e_shstrndx = output->object->name_table;
	good = good && gelf_update_ehdr(elf, &header);
	for (unsigned index = 1; good && index < output->object->section_count; index++)
		good = write_section(elf, &output->sections[index]);
	good = good && elf_update(elf, ELF_C_WRITE) >= 0;
	elf_end(elf);
	return good;
}

void object_write(const struct object *object, const char *path)
{
	struct output output = { .object = object };
	char *temporary = memory_print("%s.lopi-new", path);
	int file;
	bool good;

	if (object->section_count >= SHN_LORESERVE)
		die(STATUS_FAILED,
		    "%s: its copy would have more than 65,000 sections (a few more for each that "
		    "has "
		    "instrumented functions); instrument fewer, or compile without "
		    "-ffunction-sections",
		    object->path);
	file = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (file < 0)
		die(STATUS_FAILED, "%s: %m", temporary);
	map_symbols(&output);
	make_sections(&output);
	good = write_elf(&output, file);
	if (close(file) != 0 || !good || rename(temporary, path) != 0) {
		unlink(temporary);
		die(STATUS_FAILED, "%s: cannot be written: %s", path, elf_errmsg(-1));
	}
}
