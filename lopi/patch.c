/*
 * Overwriting code of the object. Relocations of the bytes that go are dropped with them; they were
 * copied to the stub before.
 */
#include "memory.h"
#include "stub.h"

#include <string.h>

/* A site may reach beyond the end of its section, where nothing follows. */
static void grow_to(struct object *object, unsigned section, uint32_t end)
{
	while (object->sections[section].size < end)
		object_append(object, section, (const uint8_t[]){ PADDING_BYTE }, 1);
}

static void put_displacement(struct code *code, unsigned section, uint32_t field, uint32_t offset)
{
	object_drop_relocations(code->object, section, field, field + 4);
	bytes_put32(code->object->sections[section].bytes + field, offset - 4);
	object_add_relocation(code->object, section,
			      (struct relocation){ field, code->symbol, R_386_PC32 });
}

void patch_jump(struct code *code, const struct site *site, uint32_t offset)
{
	unsigned section = site->piece->section;
	uint8_t *bytes;

	grow_to(code->object, section, site->end);
	object_drop_relocations(code->object, section, site->start, site->end);
	bytes = code->object->sections[section].bytes;
	memset(bytes + site->start, PADDING_BYTE, site->end - site->start);
	bytes[site->start] = JUMP_OPCODE;
	put_displacement(code, section, site->start + 1, offset);
}

void patch_target(struct code *code, const struct site *site, uint32_t offset)
{
	put_displacement(code, site->piece->section, site->end - 4, offset);
}
