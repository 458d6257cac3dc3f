/*
 * Reads an object file with libelf and checks all that the other modules take for granted: indices
 * are in range, relocations lie in their sections, symbols in theirs. A damaged file ends the tool
 * here.
 */
#include "memory.h"
#include "object.h"

#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What LLVM notes about symbols by their index; hints only, which would be wrong after new symbols.
 */
enum { SHT_LLVM_ADDRSIG_ = 0x6fff4c03, SHT_LLVM_CALL_GRAPH_PROFILE_ = 0x6fff4c09 };

/* How many bytes a compressed one stands for at most (zlib). */
enum { DEFLATES_AT_MOST = 1032 };

#define FOR_LINK_TIME "made for link-time optimisation (-flto): its code is not there yet"

static void damaged(const struct object *object, const char *what)
{
	die(STATUS_FAILED, "%s: damaged object file: %s", object->path, what);
}

/* What clang writes instead of an object file: plain, or behind a header for other tools. */
static bool is_bitcode(const char *start, size_t size)
{
	return size >= 4 &&
	       (memcmp(start, "BC\xc0\xde", 4) == 0 || memcmp(start, "\xde\xc0\x17\x0b", 4) == 0);
}

/* Files that hold code, but none that can be changed. */
static void check_container(const struct object *object, Elf *elf)
{
	size_t size;
	const char *start = elf_rawfile(elf, &size);

	if (elf_kind(elf) == ELF_K_AR)
		die(STATUS_FAILED, "%s: an archive in an archive; unpack it", object->path);
	if (start && is_bitcode(start, size))
		die(STATUS_FAILED, "%s: " FOR_LINK_TIME, object->path);
}

static void check_kind(const struct object *object, Elf *elf)
{
	const char *identification = elf_getident(elf, NULL);
	unsigned machine = 0;
	GElf_Ehdr header;

	if (elf_kind(elf) != ELF_K_ELF || !identification)
		die(STATUS_FAILED, "%s: not an ELF file", object->path);
	if (identification[EI_DATA] == ELFDATA2LSB && gelf_getehdr(elf, &header))
		machine = header.e_machine;
	if (!(machine == EM_386 && identification[EI_CLASS] == ELFCLASS32) &&
	    !(machine == EM_X86_64 && identification[EI_CLASS] == ELFCLASS64))
		die(STATUS_FAILED, "%s: neither for the IA-32 nor for x86-64", object->path);
	if (header.e_type != ET_REL)
		die(STATUS_FAILED, "%s: not a relocatable object file: instrument before linking",
		    object->path);
}

static const char *name_of(const struct object *object, Elf *elf, unsigned table, uint32_t offset)
{
	const char *name = elf_strptr(elf, table, offset);

	if (!name)
		damaged(object, "a name outside the string table");
	return name;
}

static void refuse_kind(const struct object *object, const struct section *section)
{
	if (strncmp(section->name, ".zdebug_", 8) == 0)
		die(STATUS_FAILED, "%s: debug information compressed by -gz=zlib-gnu; take -gz",
		    object->path);
	if (section->header.sh_type == (object->wide ? SHT_REL : SHT_RELA))
		die(STATUS_FAILED, "%s: relocations of the other processor's kind", object->path);
	if (section->header.sh_type == SHT_SYMTAB_SHNDX)
		die(STATUS_FAILED, "%s: more than 65,000 sections", object->path);
	if (strncmp(section->name, ".gnu.lto_", 9) == 0)
		die(STATUS_FAILED, "%s: " FOR_LINK_TIME, object->path);
	if (strcmp(section->name, "lopi_functions") == 0)
		die(STATUS_FAILED,
		    "%s: it is instrumented already; give lopi what the compiler made",
		    object->path);
}

/* What clang says for its own linker, by numbers of symbols: of no use once they have changed. */
static bool is_left_out(unsigned type)
{
	return type == SHT_LLVM_ADDRSIG_ || type == SHT_LLVM_CALL_GRAPH_PROFILE_;
}

static void read_bytes(const struct object *object, struct section *section, Elf_Scn *scn)
{
	Elf_Data *data;

	if (section->header.sh_type == SHT_NOBITS || section->size == 0)
		return;
	data = elf_rawdata(scn, NULL);
	if (!data || !data->d_buf || data->d_size != section->size)
		damaged(object, "a section that ends outside the file");
	section->bytes = memory_new(section->size, 1);
	memcpy(section->bytes, data->d_buf, section->size);
}

/* Relocations are of what is in a compressed section, and so the copy has that. */
static void decompress(const struct object *object, Elf_Scn *scn, GElf_Shdr *header)
{
	GElf_Chdr compressed;

	if (!(header->sh_flags & SHF_COMPRESSED))
		return;
	if (!gelf_getchdr(scn, &compressed) ||
	    compressed.ch_size / DEFLATES_AT_MOST > header->sh_size)
		damaged(object, "a compressed section of an impossible size");
	if (elf_compress(scn, 0, 0) < 0 || !gelf_getshdr(scn, header))
		die(STATUS_FAILED, "%s: a section that cannot be decompressed: %s", object->path,
		    elf_errmsg(-1));
}

static void read_section(struct object *object, Elf *elf, unsigned index)
{
	Elf_Scn *scn = elf_getscn(elf, index);
	GElf_Shdr header;
	struct section *section;

	object->sections = memory_grow(object->sections, index, sizeof(*object->sections));
	object->section_count++;
	section = &object->sections[index];
	section->name = "";
	if (!scn || !gelf_getshdr(scn, &header))
		damaged(object, elf_errmsg(-1));
	if (header.sh_type == SHT_NULL)
		return;
	decompress(object, scn, &header);
	section->header = header;
	section->name = name_of(object, elf, object->name_table, header.sh_name);
	section->size = header.sh_size;
	if (header.sh_size > INT32_MAX)
		damaged(object, "a section of more than 2 GB");
	refuse_kind(object, section);
	if (is_left_out(header.sh_type))
		*section = (struct section){ .name = "" };
	else
		read_bytes(object, section, scn);
}

static void find_tables(struct object *object)
{
	for (unsigned index = 1; index < object->section_count; index++) {
		if (object->sections[index].header.sh_type != SHT_SYMTAB)
			continue;
		if (object->symbol_table)
			damaged(object, "two symbol tables");
		object->symbol_table = index;
		object->string_table = object->sections[index].header.sh_link;
	}
	if (!object->symbol_table)
		die(STATUS_FAILED, "%s: no symbol table", object->path);
	if (object->string_table >= object->section_count ||
	    object->sections[object->string_table].header.sh_type != SHT_STRTAB)
		damaged(object, "no string table");
}

static void check_symbol(const struct object *object, const struct symbol *symbol)
{
	unsigned section = symbol->elf.st_shndx;

	if (section == SHN_UNDEF || section >= SHN_LORESERVE)
		return;
	if (section >= object->section_count)
		damaged(object, "a symbol in no section");
	if (GELF_ST_TYPE(symbol->elf.st_info) == STT_FUNC &&
	    (symbol->elf.st_value > object->sections[section].size ||
	     symbol->elf.st_size > object->sections[section].size - symbol->elf.st_value))
		damaged(object, "a function outside its section");
}

static GElf_Sym decode_symbol(const struct object *object, const uint8_t *entry)
{
	Elf32_Sym narrow;
	Elf64_Sym wide;

	if (object->wide) {
		memcpy(&wide, entry, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, entry, sizeof(narrow));
	return (GElf_Sym){ .st_name = narrow.st_name,
			   .st_value = narrow.st_value,
			   .st_size = narrow.st_size,
			   .st_info = narrow.st_info,
			   .st_other = narrow.st_other,
			   .st_shndx = narrow.st_shndx };
}

static void read_symbols(struct object *object, Elf *elf)
{
	struct section *table = &object->sections[object->symbol_table];
	unsigned locals = table->header.sh_info;
	uint32_t size = object->wide ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);

	if (table->size % size || table->size < size || !table->bytes)
		damaged(object, "a symbol table of an odd size");
	for (uint32_t index = 0; index < table->size / size; index++) {
		struct symbol *symbol;

		object->symbols = memory_grow(object->symbols, index, sizeof(*object->symbols));
		object->symbol_count++;
		symbol = &object->symbols[index];
		symbol->elf = decode_symbol(object, table->bytes + index * size);
		symbol->name = name_of(object, elf, object->string_table, symbol->elf.st_name);
		check_symbol(object, symbol);
		if ((GELF_ST_BIND(symbol->elf.st_info) == STB_LOCAL) != (index < locals))
			damaged(object, "local and global symbols mixed");
	}
}

/* How many bytes a relocation of this type changes, or -1 if the type is unknown. */
static int wide_relocation_size(unsigned type)
{
	switch (type) {
	case R_X86_64_NONE:
	case R_X86_64_TLSDESC_CALL:
		return 0;
	case R_X86_64_8:
	case R_X86_64_PC8:
		return 1;
	case R_X86_64_16:
	case R_X86_64_PC16:
		return 2;
	case R_X86_64_64:
	case R_X86_64_DTPMOD64:
	case R_X86_64_DTPOFF64:
	case R_X86_64_TPOFF64:
	case R_X86_64_PC64:
	case R_X86_64_GOTOFF64:
	case R_X86_64_SIZE64:
		return 8;
	default:
		if (type >= R_X86_64_GOT64 && type <= R_X86_64_PLTOFF64)
			return 8;
		return type <= R_X86_64_REX_GOTPCRELX ? 4 : -1;
	}
}

static int relocation_size(unsigned type)
{
	switch (type) {
	case R_386_NONE:
	case R_386_TLS_DESC_CALL:
		return 0;
	case R_386_8:
	case R_386_PC8:
		return 1;
	case R_386_16:
	case R_386_PC16:
		return 2;
	default:
		return type <= R_386_GOT32X ? 4 : -1;
	}
}

/* What the bytes hold that the relocation changes. */
static int32_t addend_in(const uint8_t *bytes, int size)
{
	if (size == 1)
		return (int8_t)bytes[0];
	if (size == 2)
		return (int16_t)(bytes[0] | bytes[1] << 8);
	return size == 4 ? (int32_t)bytes_get32(bytes) : 0;
}

static struct relocation decode_narrow(const uint8_t *entry)
{
	Elf32_Rel rel;

	memcpy(&rel, entry, sizeof(rel));
	return (struct relocation){ rel.r_offset, ELF32_R_SYM(rel.r_info), ELF32_R_TYPE(rel.r_info),
				    0 };
}

static struct relocation decode_wide(const struct object *object, const uint8_t *entry)
{
	Elf64_Rela rela;

	memcpy(&rela, entry, sizeof(rela));
	if (rela.r_offset > UINT32_MAX || rela.r_addend != (int32_t)rela.r_addend)
		damaged(object, "a relocation farther than 2 GB away");
	return (struct relocation){ rela.r_offset, ELF64_R_SYM(rela.r_info),
				    ELF64_R_TYPE(rela.r_info), rela.r_addend };
}

static struct relocation decode_relocation(const struct object *object,
					   const struct section *section, const uint8_t *entry)
{
	struct relocation relocation =
		object->wide ? decode_wide(object, entry) : decode_narrow(entry);
	int size = object->wide ? wide_relocation_size(relocation.type)
				: relocation_size(relocation.type);

	if (size < 0 || relocation.symbol >= object->symbol_count ||
	    section->size < (uint32_t)size || relocation.offset > section->size - size)
		damaged(object, "a relocation outside its section, or of an unknown kind");
	if (!object->wide && section->bytes)
		relocation.addend = addend_in(section->bytes + relocation.offset, size);
	return relocation;
}

static void read_relocations(struct object *object, unsigned index)
{
	struct section *table = &object->sections[index];
	unsigned target = table->header.sh_info;
	struct section *section = &object->sections[target];
	uint32_t size = object->wide ? sizeof(Elf64_Rela) : sizeof(Elf32_Rel);

	if (target == 0 || target >= object->section_count || section->relocated_by ||
	    section->header.sh_type == table->header.sh_type)
		damaged(object, "relocations of no section, or two tables of one");
	if (table->size % size || table->header.sh_link != object->symbol_table)
		damaged(object, "a relocation table of an odd size, or without symbols");
	section->relocated_by = index;
	for (uint32_t entry = 0; entry < table->size; entry += size)
		object_add_relocation(object, target,
				      decode_relocation(object, section, table->bytes + entry));
}

static void read_group(struct object *object, unsigned index)
{
	struct section *group = &object->sections[index];

	if (group->size % 4 || group->size == 0 || group->header.sh_link != object->symbol_table ||
	    group->header.sh_info >= object->symbol_count)
		damaged(object, "a group without a symbol");
	for (uint32_t offset = 4; offset < group->size; offset += 4) {
		uint32_t member = bytes_get32(group->bytes + offset);

		if (member == 0 || member >= object->section_count ||
		    object->sections[member].header.sh_type == SHT_GROUP)
			damaged(object, "a group of no section");
		object->sections[member].group = index;
	}
}

static void read_sections(struct object *object, Elf *elf)
{
	size_t sections, names;

	if (elf_getshdrnum(elf, &sections) != 0 || elf_getshdrstrndx(elf, &names) != 0 ||
	    sections == 0 || names == 0 || names >= sections)
		damaged(object, "no section headers");
	if (!gelf_getehdr(elf, &object->header))
		damaged(object, elf_errmsg(-1));
	object->wide = object->header.e_machine == EM_X86_64;
	object->name_table = names;
	for (unsigned index = 0; index < sections; index++)
		read_section(object, elf, index);
	if (object->sections[names].header.sh_type != SHT_STRTAB)
		damaged(object, "no section names");
}

/* What refers to sections and symbols, and so comes last. */
static void read_references(struct object *object)
{
	for (unsigned index = 1; index < object->section_count; index++) {
		if (object->sections[index].header.sh_type == (object->wide ? SHT_RELA : SHT_REL))
			read_relocations(object, index);
		if (object->sections[index].header.sh_type == SHT_GROUP)
			read_group(object, index);
	}
}

struct object *object_read(const char *path, const char *shown)
{
	struct object *object = memory_new(1, sizeof(*object));
	int file = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf;

	object->path = shown;
	if (file < 0)
		die(STATUS_FAILED, "%s: %m", shown);
	elf_version(EV_CURRENT);
	elf = elf_begin(file, ELF_C_READ, NULL);
	if (!elf)
		die(STATUS_FAILED, "%s: %s", shown, elf_errmsg(-1));
	check_container(object, elf);
	check_kind(object, elf);
	read_sections(object, elf);
	find_tables(object);
	read_symbols(object, elf);
	object_note_section_symbols(object);
	read_references(object);
	close(file);
	/* The Elf stays: names point into it. */
	return object;
}
