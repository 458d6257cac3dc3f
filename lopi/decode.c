/*
 * Decoding with Zydis. Intel SDM volume 2 has the instructions; the psABI's supplements for
 * Intel386 and x86-64 have the relocations that complete their operands.
 */
#include "decode.h"

#include <Zydis/Zydis.h>
#include <string.h>

struct decoded {
	ZydisDecodedInstruction instruction;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

/* The number of the register that `name` is, or is part of, or -1. */
static int register_number(ZydisRegister name)
{
	ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name);

	if (whole < ZYDIS_REGISTER_RAX || whole > ZYDIS_REGISTER_R15)
		return -1;
	return whole - ZYDIS_REGISTER_RAX;
}

static unsigned register_bit(ZydisRegister name)
{
	int number = register_number(name);

	return number < 0 ? 0 : REGISTER_BIT(number);
}

static void note_register(struct instruction *out, const ZydisDecodedOperand *operand)
{
	unsigned bit = register_bit(operand->reg.value);

	if (operand->actions & ZYDIS_OPERAND_ACTION_MASK_READ)
		out->reads |= bit;
	if (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
		out->writes |= bit;
	/* A write of 32 bits clears the others. */
	if ((operand->actions & ZYDIS_OPERAND_ACTION_WRITE) && operand->size >= 32)
		out->kills |= bit;
}

static void note_memory(struct instruction *out, const ZydisDecodedOperand *operand)
{
	out->reads |= register_bit(operand->mem.base) | register_bit(operand->mem.index);
	if (operand->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN)
		return; /* the stack, of push and pop */
	out->memory_base = register_number(operand->mem.base) + 1;
	out->memory_displacement = operand->mem.disp.value;
}

static void note_operands(struct instruction *out, const struct decoded *in)
{
	for (int index = 0; index < in->instruction.operand_count; index++) {
		const ZydisDecodedOperand *operand = &in->operands[index];

		if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER)
			note_register(out, operand);
		if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY)
			note_memory(out, operand);
		if (operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE && operand->imm.is_relative)
			out->unwritable = true;
	}
}

static bool first_operand_is(const struct decoded *in, ZydisOperandType type, int size)
{
	return in->operands[0].type == type && in->operands[0].size == size;
}

static int word_bits(const struct decoded *in)
{
	return in->instruction.machine_mode == ZYDIS_MACHINE_MODE_LONG_64 ? 64 : 32;
}

static bool same_registers(const struct decoded *in)
{
	return in->operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER && in->operands[0].size >= 32 &&
	       in->operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER &&
	       in->operands[0].reg.value == in->operands[1].reg.value;
}

/* lea 0(%esi), %esi in its several lengths, which assemblers pad with. */
static bool is_idle_lea(const struct decoded *in)
{
	const ZydisDecodedOperand *memory = &in->operands[1];

	return in->instruction.mnemonic == ZYDIS_MNEMONIC_LEA &&
	       first_operand_is(in, ZYDIS_OPERAND_TYPE_REGISTER, word_bits(in)) &&
	       memory->mem.base == in->operands[0].reg.value &&
	       memory->mem.index == ZYDIS_REGISTER_NONE && memory->mem.disp.value == 0;
}

static bool is_padding(const struct decoded *in)
{
	ZydisMnemonic mnemonic = in->instruction.mnemonic;

	return mnemonic == ZYDIS_MNEMONIC_NOP || mnemonic == ZYDIS_MNEMONIC_INT3 ||
	       is_idle_lea(in) ||
	       (mnemonic == ZYDIS_MNEMONIC_XCHG && in->operands[0].reg.value == ZYDIS_REGISTER_AX &&
		in->operands[1].reg.value == ZYDIS_REGISTER_AX);
}

static void note_push(struct instruction *out, const struct decoded *in, bool whole)
{
	out->pushed = whole ? register_number(in->operands[0].reg.value) + 1 : 0;
	out->stack_known = in->instruction.operand_width == word_bits(in);
	out->stack_growth = word_bits(in) / 8;
}

static void note_pop(struct instruction *out, const struct decoded *in, bool whole)
{
	out->popped = whole ? register_number(in->operands[0].reg.value) + 1 : 0;
	out->stack_known =
		in->instruction.operand_width == word_bits(in) && out->popped != REGISTER_ESP + 1;
	out->stack_growth = -word_bits(in) / 8;
}

/* add and sub of a constant. */
static void note_adjustment(struct instruction *out, const struct decoded *in, int sign)
{
	if (!first_operand_is(in, ZYDIS_OPERAND_TYPE_REGISTER, word_bits(in)) ||
	    register_number(in->operands[0].reg.value) != REGISTER_ESP ||
	    in->operands[1].type != ZYDIS_OPERAND_TYPE_IMMEDIATE)
		return;
	out->stack_known = out->moves_stack = true;
	out->stack_growth = sign * (int32_t)in->operands[1].imm.value.s;
}

static void note_details(struct instruction *out, const struct decoded *in)
{
	bool whole = first_operand_is(in, ZYDIS_OPERAND_TYPE_REGISTER, word_bits(in));
	const ZydisAccessedFlags *flags = in->instruction.cpu_flags;

	out->padding = is_padding(in);
	out->sets_flags =
		flags && (flags->modified | flags->set_0 | flags->set_1 | flags->undefined);
	switch (in->instruction.mnemonic) {
	case ZYDIS_MNEMONIC_XOR:
	case ZYDIS_MNEMONIC_SUB:
		if (same_registers(in))
			out->reads &= ~register_bit(in->operands[0].reg.value);
		if (in->instruction.mnemonic == ZYDIS_MNEMONIC_SUB)
			note_adjustment(out, in, 1);
		break;
	case ZYDIS_MNEMONIC_ADD:
		note_adjustment(out, in, -1);
		break;
	case ZYDIS_MNEMONIC_PUSH:
		note_push(out, in, whole);
		break;
	case ZYDIS_MNEMONIC_POP:
		note_pop(out, in, whole);
		break;
	case ZYDIS_MNEMONIC_MOV:
		out->sets_frame = whole &&
				  register_number(in->operands[0].reg.value) == REGISTER_EBP &&
				  in->operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER &&
				  register_number(in->operands[1].reg.value) == REGISTER_ESP;
		break;
	case ZYDIS_MNEMONIC_ENDBR64:
	case ZYDIS_MNEMONIC_ENDBR32:
		out->landing_pad = true;
		break;
	default:
		break;
	}
}

static enum instruction_kind branch_kind(const struct decoded *in)
{
	switch (in->instruction.mnemonic) {
	case ZYDIS_MNEMONIC_LOOP:
	case ZYDIS_MNEMONIC_LOOPE:
	case ZYDIS_MNEMONIC_LOOPNE:
	case ZYDIS_MNEMONIC_JCXZ:
	case ZYDIS_MNEMONIC_JECXZ:
	case ZYDIS_MNEMONIC_JRCXZ:
		return KIND_LOOP;
	default:
		return KIND_BRANCH;
	}
}

static enum instruction_kind kind_of(const struct decoded *in)
{
	bool direct = in->operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE;

	switch (in->instruction.meta.category) {
	case ZYDIS_CATEGORY_CALL:
		return direct ? KIND_CALL : KIND_CALL_INDIRECT;
	case ZYDIS_CATEGORY_UNCOND_BR:
		return direct ? KIND_JUMP : KIND_JUMP_INDIRECT;
	case ZYDIS_CATEGORY_COND_BR:
		return in->instruction.mnemonic == ZYDIS_MNEMONIC_XBEGIN ? KIND_PLAIN
									 : branch_kind(in);
	case ZYDIS_CATEGORY_RET:
		return KIND_RETURN;
	default:
		break;
	}
	if (in->instruction.mnemonic == ZYDIS_MNEMONIC_UD2 ||
	    in->instruction.mnemonic == ZYDIS_MNEMONIC_HLT)
		return KIND_STOP;
	return KIND_PLAIN;
}

static bool is_thunk(const struct object *object, uint32_t symbol)
{
	const char *name = object->symbols[symbol].name;

	return strncmp(name, "__x86.get_pc_thunk.", 19) == 0 ||
	       strncmp(name, "__i686.get_pc_thunk.", 20) == 0;
}

/* The target is the displacement, or what the relocation on it says. */
static void find_target(const struct object *object, unsigned section, struct instruction *out,
			const struct decoded *in)
{
	uint8_t field = in->instruction.raw.imm[0].offset;
	uint8_t size = in->instruction.raw.imm[0].size / 8;
	const struct relocation *relocation =
		object_relocation_in(object, section, out->offset + field, instruction_end(out));

	if (!relocation) {
		out->target.section = section;
		out->target.offset = instruction_end(out) + in->instruction.raw.imm[0].value.s;
		return;
	}
	out->unwritable =
		size != 4 || field + size != out->length || !relocation_is_distance(relocation);
	if (out->unwritable)
		return;
	object_resolve(object, relocation, size, &out->target);
	out->symbolic =
		ELF32_ST_TYPE(object->symbols[relocation->symbol].elf.st_info) != STT_SECTION;
	out->thunk = !object->wide && is_thunk(object, relocation->symbol);
}

/* An operand that x86-64 addresses by its distance from the instruction's end. */
static void find_address(const struct object *object, unsigned section, struct instruction *out,
			 const struct decoded *in)
{
	const struct relocation *relocation;
	uint32_t field;

	for (int index = 0; index < in->instruction.operand_count; index++) {
		if (in->operands[index].type == ZYDIS_OPERAND_TYPE_MEMORY &&
		    in->operands[index].mem.base == ZYDIS_REGISTER_RIP)
			out->address_field = in->instruction.raw.disp.offset;
	}
	if (!out->address_field)
		return;
	field = out->offset + out->address_field;
	relocation = object_relocation_in(object, section, field, field + 4);
	out->address_relocated = relocation != NULL;
	if (!relocation)
		out->address = (struct place){ .section = section,
					       .offset = instruction_end(out) +
							 in->instruction.raw.disp.value };
	else if (relocation_is_distance(relocation))
		object_resolve(object, relocation, instruction_end(out) - field, &out->address);
}

/* Far transfers, interrupt returns and 16-bit branches have no place in a program. */
static bool is_strange(const struct decoded *in)
{
	return in->instruction.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR ||
	       in->instruction.mnemonic == ZYDIS_MNEMONIC_IRET ||
	       in->instruction.mnemonic == ZYDIS_MNEMONIC_IRETD ||
	       in->instruction.mnemonic == ZYDIS_MNEMONIC_IRETQ ||
	       (in->instruction.meta.branch_type != ZYDIS_BRANCH_TYPE_NONE &&
		in->instruction.operand_width == 16);
}

bool instruction_decode(const struct object *object, unsigned section, uint32_t offset,
			uint32_t end, struct instruction *out)
{
	ZydisDecoder decoder;
	struct decoded in;

	memset(out, 0, sizeof(*out));
	memset(&in, 0, sizeof(in));
	if (object->wide)
		ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	else
		ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32);
	if (offset >= end ||
	    !ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, object->sections[section].bytes + offset,
						 end - offset, &in.instruction, in.operands)))
		return false;
	out->offset = offset;
	out->length = in.instruction.length;
	out->kind = kind_of(&in);
	note_operands(out, &in);
	note_details(out, &in);
	find_address(object, section, out, &in);
	if (is_strange(&in)) {
		out->unwritable = true;
		return true;
	}
	if (out->kind == KIND_BRANCH)
		out->condition = in.instruction.opcode & 15;
	if (out->kind == KIND_CALL || out->kind == KIND_JUMP || out->kind == KIND_BRANCH ||
	    out->kind == KIND_LOOP) {
		out->unwritable = false;
		find_target(object, section, out, &in);
	}
	return true;
}

bool instruction_ends_block(const struct instruction *instruction)
{
	switch (instruction->kind) {
	case KIND_JUMP:
	case KIND_JUMP_INDIRECT:
	case KIND_RETURN:
	case KIND_STOP:
		return true;
	default:
		return false;
	}
}

bool instruction_has_target(const struct instruction *instruction)
{
	return instruction->target.section != 0;
}
