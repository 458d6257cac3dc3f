/*
 * A relocatable ELF file of the IA-32 or of x86-64 in memory, as the other modules see and change
 * it: sections with their bytes and relocations, and symbols. object_read.c fills it with libelf,
 * object_write.c writes it. System V ABI, chapters 4 and 5, and its supplements for these
 * processors.
 */
#ifndef LOPI_OBJECT_H
#define LOPI_OBJECT_H

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The IA-32 has the addend in the section's bytes, in files; here it is in the relocation. */
struct relocation {
	uint32_t offset;
	uint32_t symbol; /* index into symbols, as they are in memory */
	unsigned type;   /* R_386_..., R_X86_64_... */
	int32_t addend;
};

struct section {
	const char *name;
	GElf_Shdr header;
	uint8_t *bytes; /* null for SHT_NOBITS */
	uint32_t size;
	uint32_t room;   /* for bytes, where some were appended */
	uint32_t symbol; /* that stands for the section, or 0: nobody has asked yet */
	struct relocation *relocations; /* sorted by offset, once read */
	size_t relocation_count;
	unsigned relocated_by; /* index of the section of these relocations, or 0 */
	unsigned group;        /* index of the SHT_GROUP section that this one is in, or 0 */
};

struct symbol {
	const char *name;
	GElf_Sym elf;
};

struct object {
	const char *path;
	GElf_Ehdr header;
	bool wide;                /* x86-64 */
	struct section *sections; /* [0] is the null section */
	size_t section_count;
	struct symbol *symbols; /* [0] is the null symbol; what is added stands at the end */
	size_t symbol_count;
	uint32_t *undefined; /* the symbols that object_undefined_symbol() has found */
	size_t undefined_count;
	unsigned symbol_table; /* section index */
	unsigned string_table;
	unsigned name_table;
};

/* A place in the object, or, with section 0, outside: then `symbol` says what. */
struct place {
	unsigned section;
	uint32_t offset;
	uint32_t symbol;
};

/* Reads an object file, which messages call what is `shown`. Ends the tool if it is not one, or is
 * damaged. */
struct object *object_read(const char *path, const char *shown);

/* Writes it, through a temporary file, so that what is at `path` is whole. Ends the tool on
 * failure. */
void object_write(const struct object *object, const char *path);

/* Adds an empty section, in the same group as the section `like` if that is not 0. Returns its
 * index. */
unsigned object_add_section(struct object *object, const char *name, uint32_t type, uint64_t flags,
			    unsigned like);

uint32_t object_add_symbol(struct object *object, const char *name, unsigned char binding,
			   unsigned char type, unsigned section, uint32_t value, uint32_t size);

/* Finds the symbols that stand for sections, of an object that has just been read. */
void object_note_section_symbols(struct object *object);

/* The symbol that stands for the section itself. */
uint32_t object_section_symbol(struct object *object, unsigned section);

/* The symbol `name` of another object. */
uint32_t object_undefined_symbol(struct object *object, const char *name, unsigned char type);

void object_add_relocation(struct object *object, unsigned section, struct relocation relocation);

/* Adds relocations that are sorted by offset. */
void object_merge_relocations(struct object *object, unsigned section,
			      const struct relocation *relocations, size_t count);

/* Appends to the section's bytes, which may move; returns the offset of what was appended. */
uint32_t object_append(struct object *object, unsigned section, const void *bytes, uint32_t size);
uint32_t section_append(struct section *section, const void *bytes, uint32_t size);

/* The first relocation of `section` in [start, end), or null. */
struct relocation *object_relocation_in(const struct object *object, unsigned section,
					uint32_t start, uint32_t end);

/* Removes the relocations of `section` in [start, end). */
void object_drop_relocations(struct object *object, unsigned section, uint32_t start, uint32_t end);

/* Whether the relocation's symbol is in this object; `*place` is where it points, `distance` behind
 * what its addend says. */
bool object_resolve(const struct object *object, const struct relocation *relocation,
		    int32_t distance, struct place *place);

/* Whether a relocation makes an address, or the distance of one from the global offset table. */
bool object_is_address(const struct object *object, const struct relocation *relocation);

/* Whether it makes a distance from where it is. The numbers are the same for both processors. */
static inline bool relocation_is_distance(const struct relocation *relocation)
{
	return relocation->type == R_386_PC32 || relocation->type == R_386_PLT32;
}

/* Bytes of an address. */
static inline uint32_t object_word(const struct object *object)
{
	return object->wide ? 8 : 4;
}

/* The relocation that makes an address of that size. */
static inline unsigned object_address_relocation(const struct object *object)
{
	return object->wide ? R_X86_64_64 : R_386_32;
}

bool object_is_code(const struct object *object, unsigned section);

/* The section called `name`, or 0; a name that ends in `*` stands for all that start so. */
unsigned object_find_section(const struct object *object, const char *name);

uint32_t bytes_get32(const uint8_t *bytes);
void bytes_put32(uint8_t *bytes, uint32_t value);

#endif
