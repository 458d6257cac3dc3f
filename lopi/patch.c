/*
 * Overwriting code of the object. Relocations of the bytes that go are dropped with them; they were
 * copied to the stub before.
 */
#include "memory.h"
#include "runtime/record.h"
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
			      (struct relocation){ field, code->symbol, R_386_PC32, offset - 4 });
}

static uint8_t *overwrite(struct code *code, const struct site *site, uint8_t opcode,
			  uint32_t offset)
{
	unsigned section = site->piece->section;
	uint8_t *bytes;

	grow_to(code->object, section, site->end);
	object_drop_relocations(code->object, section, site->start, site->end);
	bytes = code->object->sections[section].bytes + site->start;
	memset(bytes, PADDING_BYTE, site->end - site->start);
	bytes[0] = opcode;
	put_displacement(code, section, site->start + 1, offset);
	return bytes;
}

void patch_jump(struct code *code, const struct site *site, uint32_t offset)
{
	if (code->sites) {
		grow_to(code->object, site->piece->section, site->end);
		code_note_site(code, site->piece->section, site->start, offset,
			       site->end - site->start);
		return;
	}
	overwrite(code, site, JUMP_OPCODE, offset);
}

void patch_near_jump(struct code *code, const struct site *site, uint32_t island, uint32_t offset)
{
	const struct site there = { site->piece, island, island + JUMP_SIZE, 0, 0 };
	unsigned section = site->piece->section;
	uint8_t *bytes;

	overwrite(code, &there, JUMP_OPCODE, offset);
	grow_to(code->object, section, site->end);
	object_drop_relocations(code->object, section, site->start, site->end);
	bytes = code->object->sections[section].bytes + site->start;
	memset(bytes, PADDING_BYTE, site->end - site->start);
	bytes[0] = SHORT_JUMP_OPCODE;
	bytes[1] = island - (site->start + SHORT_JUMP_SIZE);
}

void patch_call(struct code *code, const struct site *site, uint32_t offset, uint32_t identifier,
		unsigned width)
{
	uint8_t *bytes = overwrite(code, site, CALL_OPCODE, offset);

	bytes[JUMP_SIZE] = width == 1 ? COMPARE_AL_OPCODE : COMPARE_EAX_OPCODE;
	for (unsigned index = 0; index < width; index++)
		bytes[JUMP_SIZE + 1 + index] = identifier >> 8 * index;
}

void patch_target(struct code *code, const struct site *site, uint32_t offset)
{
	if (code->sites)
		code_note_site(code, site->piece->section, site->end - 4, offset, LOPI_SITE_TARGET);
	else
		put_displacement(code, site->piece->section, site->end - 4, offset);
}
