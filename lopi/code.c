/*
 * Emitting stubs: x86 encodings (Intel SDM volume 2), and copies of instructions that do at their
 * new place what they did at the old one.
 */
#include "code.h"
#include "memory.h"
#include "unwind.h"

#include "runtime/record.h"

#include <string.h>

enum {
	PREFIX_FS = 0x64,
	PREFIX_GS = 0x65,
	PREFIX_WIDE = 0x48, /* REX.W */
	REX = 0x40,
	REX_REGISTER = 4, /* a bit more of the register field, */
	REX_BASE = 1,     /* and of the base: r8 and those that follow */
	OPCODE_TWO_BYTES = 0x0f,
	OPCODE_BRANCH = 0x80, /* behind 0x0f; the condition is in the low bits */
	OPCODE_LEA = 0x8d,
	OPCODE_LOAD = 0x8b,
	OPCODE_POP = 0x58,
	MODRM_DISPLACEMENT = 0x05, /* no base: a 32-bit address; on x86-64 a distance */
	MODRM_SIB = 0x04,
	SIB_DISPLACEMENT = 0x25, /* x86-64's way to say a 32-bit address */
	MODRM_BASE_DISPLACEMENT = 0x80,
	STUB_ALIGNMENT = 16,
};

void code_start(struct code *code, struct object *object, unsigned section, enum home home)
{
	memset(code, 0, sizeof(*code));
	code->object = object;
	code->kernel = home == HOME_KERNEL;
	code->shared = home == HOME_SHARED;
	code->word = object_word(object);
	code->section =
		object_add_section(object, memory_print("%s.lopi", object->sections[section].name),
				   SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, section);
	object->sections[code->section].header.sh_addralign = STUB_ALIGNMENT;
	code->symbol = object_section_symbol(object, code->section);
	/* Who calls stubs at once needs the section still: the descriptions live and die with it.
	 */
	if (home != HOME_KERNEL)
		object_add_relocation(object, code->section,
				      (struct relocation){ 0,
							   object_section_symbol(object, section),
							   R_386_NONE, 0 });
}

void code_finish(struct code *code)
{
	object_append(code->object, code->section, code->bytes, code->size);
	unwind_write(code);
}

void code_bytes(struct code *code, const void *bytes, uint32_t size)
{
	for (uint32_t index = 0; index < size; index++) {
		code->bytes = memory_grow(code->bytes, code->size, 1);
		code->bytes[code->size++] = ((const uint8_t *)bytes)[index];
	}
}

void code_word(struct code *code, uint32_t word)
{
	uint8_t bytes[4];

	bytes_put32(bytes, word);
	code_bytes(code, bytes, sizeof(bytes));
}

void code_relocated(struct code *code, unsigned type, uint32_t symbol, uint32_t addend)
{
	object_add_relocation(code->object, code->section,
			      (struct relocation){ code->size, symbol, type, addend });
	code_word(code, addend);
}

struct place code_place(const struct code *code, uint32_t offset)
{
	return (struct place){ code->section, offset, code->symbol };
}

/* What a name stands for is the linker's to say, also if the object has it: the name may be weak,
 * or in a group of which another object's is kept. */
static bool is_named(const struct code *code, const struct place *place)
{
	const GElf_Sym *symbol = &code->object->symbols[place->symbol].elf;

	return place->symbol && ELF32_ST_TYPE(symbol->st_info) != STT_SECTION;
}

/* A displacement counts from the end of the word that holds it. */
static void code_displacement(struct code *code, const struct place *place)
{
	const GElf_Sym *symbol = &code->object->symbols[place->symbol].elf;
	uint32_t start = place->section ? symbol->st_value : 0;

	if (place->section == code->section)
		code_word(code, place->offset - (code->size + 4));
	else if (is_named(code, place))
		code_relocated(code, R_386_PLT32, place->symbol, place->offset - start - 4);
	else
		code_relocated(code, R_386_PC32,
			       object_section_symbol(code->object, place->section),
			       place->offset - 4);
}

void code_jump(struct code *code, const struct place *place)
{
	code_emit(code, JUMP_OPCODE);
	code_displacement(code, place);
}

void code_call(struct code *code, const struct place *place)
{
	code_emit(code, CALL_OPCODE);
	code_displacement(code, place);
}

void code_branch(struct code *code, unsigned condition, const struct place *place)
{
	code_emit(code, OPCODE_TWO_BYTES, OPCODE_BRANCH | condition);
	code_displacement(code, place);
}

void code_save_flags(struct code *code)
{
	if (!code->keep_flags)
		return;
	code_emit(code, 0x9c); /* pushf */
	code_frame_depth(code, code->depth + code->word);
}

void code_restore_flags(struct code *code)
{
	if (!code->keep_flags)
		return;
	code_emit(code, 0x9d); /* popf */
	code_frame_depth(code, code->depth - code->word);
}

unsigned code_variable_relocation(const struct code *code)
{
	if (code->object->wide)
		return R_X86_64_TPOFF32;
	return code->kernel ? R_386_32 : R_386_TLS_LE;
}

unsigned code_record_relocation(const struct code *code)
{
	if (!code->shared)
		return code_variable_relocation(code);
	return code->object->wide ? R_X86_64_DTPOFF32 : R_386_TLS_LDO_32;
}

void code_widen(struct code *code)
{
	if (code->object->wide)
		code_emit(code, PREFIX_WIDE);
}

/* The operand, behind the opcode. */
static void variable_operand(struct code *code, unsigned register_field, uint32_t symbol,
			     uint32_t addend)
{
	if (code->object->wide)
		code_emit(code, MODRM_SIB | register_field << 3, SIB_DISPLACEMENT);
	else
		code_emit(code, MODRM_DISPLACEMENT | register_field << 3);
	code_relocated(code, code_variable_relocation(code), symbol, addend);
}

static void variable_prefix(struct code *code)
{
	if (!code->kernel)
		code_emit(code, code->object->wide ? PREFIX_FS : PREFIX_GS);
}

void code_variable(struct code *code, unsigned opcode, unsigned register_field, uint32_t symbol,
		   uint32_t addend)
{
	variable_prefix(code);
	if (register_field > REGISTER_EDI)
		code_emit(code, REX | REX_REGISTER);
	code_emit(code, opcode);
	variable_operand(code, register_field & REGISTER_EDI, symbol, addend);
}

void code_variable_word(struct code *code, unsigned opcode, unsigned register_field,
			uint32_t symbol, uint32_t addend)
{
	variable_prefix(code);
	code_widen(code);
	code_emit(code, opcode);
	variable_operand(code, register_field, symbol, addend);
}

/* The IA-32 has to ask where it is, by a call of what follows, to find the table in which the
 * loader puts distances. */
static void narrow_distance(struct code *code, unsigned register_field, uint32_t symbol)
{
	uint32_t table = object_undefined_symbol(code->object, "_GLOBAL_OFFSET_TABLE_", STT_NOTYPE);
	int32_t depth = code->depth;
	uint32_t here;

	code->object->symbols[table].elf.st_other = STV_DEFAULT;
	code_emit(code, CALL_OPCODE, 0, 0, 0, 0);
	here = code->size;
	code_frame_depth(code, depth + code->word);
	code_emit(code, OPCODE_POP + register_field);
	code_frame_depth(code, depth);
	code_emit(code, OPCODE_LEA, MODRM_BASE_DISPLACEMENT | register_field << 3 | register_field);
	code_relocated(code, R_386_GOTPC, table, code->size - here);
	code_emit(code, OPCODE_LOAD,
		  MODRM_BASE_DISPLACEMENT | register_field << 3 | register_field);
	code_relocated(code, R_386_TLS_GOTIE, symbol, 0);
}

void code_distance(struct code *code, unsigned register_field, uint32_t symbol)
{
	if (!code->object->wide) {
		narrow_distance(code, register_field, symbol);
		return;
	}
	code_emit(code, PREFIX_WIDE | (register_field > REGISTER_EDI ? REX_REGISTER : 0),
		  OPCODE_LOAD, MODRM_DISPLACEMENT | (register_field & REGISTER_EDI) << 3);
	code_relocated(code, R_X86_64_GOTTPOFF, symbol, -4);
}

void code_variable_at(struct code *code, unsigned opcode, unsigned register_field, unsigned base,
		      uint32_t displacement)
{
	variable_prefix(code);
	if (code->object->wide)
		code_emit(code, PREFIX_WIDE | (base > REGISTER_EDI ? REX_BASE : 0));
	code_emit(code, opcode,
		  MODRM_BASE_DISPLACEMENT | register_field << 3 | (base & REGISTER_EDI));
	code_word(code, displacement);
}

/* --- what the program patches --- */

static void site_word(struct code *code, uint32_t offset, uint32_t symbol, uint32_t addend)
{
	bytes_put32(code->object->sections[code->sites].bytes + offset, addend);
	if (symbol)
		object_add_relocation(code->object, code->sites,
				      (struct relocation){ offset, symbol,
							   object_address_relocation(code->object),
							   addend });
}

void code_note_site(struct code *code, unsigned section, uint32_t start, uint32_t stub,
		    uint32_t kind)
{
	static const uint8_t empty[32];
	uint32_t word = object_word(code->object);
	uint32_t at = object_append(code->object, code->sites, empty, 4 * word);

	site_word(code, at, object_section_symbol(code->object, section), start);
	site_word(code, at + word, code->symbol, stub);
	site_word(code, at + 2 * word, object_section_symbol(code->object, code->function->section),
		  code->function->start);
	site_word(code, at + 3 * word, 0, kind);
}

/* --- moved instructions --- */

/* The distance of something in the function's own section, which the assembler knew. */
static void relocate_address(struct code *code, const struct instruction *instruction)
{
	int32_t behind = instruction->length - instruction->address_field;

	object_add_relocation(
		code->object, code->section,
		(struct relocation){
			code->size + instruction->address_field,
			object_section_symbol(code->object, instruction->address.section),
			R_386_PC32, instruction->address.offset - behind });
}

static void copy(struct code *code, const struct function *function,
		 const struct instruction *instruction)
{
	const struct section *section = &code->object->sections[function->section];
	uint32_t start = instruction->offset;
	const struct relocation *relocation;

	for (uint32_t at = start; at < instruction_end(instruction); at = relocation->offset + 1) {
		relocation = object_relocation_in(code->object, function->section, at,
						  instruction_end(instruction));
		if (!relocation)
			break;
		object_add_relocation(code->object, code->section,
				      (struct relocation){ code->size + relocation->offset - start,
							   relocation->symbol, relocation->type,
							   relocation->addend });
		section = &code->object->sections[function->section];
		relocation = object_relocation_in(code->object, function->section, at,
						  instruction_end(instruction));
	}
	if (instruction->address_field && !instruction->address_relocated)
		relocate_address(code, instruction);
	section = &code->object->sections[function->section];
	code_bytes(code, section->bytes + start, instruction->length);
}

/*
 * The register holds the address of the code behind the call that was moved here; makes it that of
 * the code behind the call's old place: leal (old - new)(%register), %register.
 */
static void correct_address(struct code *code, const struct function *function, unsigned number,
			    uint32_t old_address, uint32_t new_address)
{
	code_emit(code, OPCODE_LEA, MODRM_BASE_DISPLACEMENT | number << 3 | number);
	code_relocated(code, R_386_PC32, object_section_symbol(code->object, function->section),
		       old_address + (code->size - new_address));
}

/* The register that a thunk puts the address into: its name ends in ax, cx ... */
static unsigned thunk_register(const struct code *code, const struct instruction *instruction)
{
	static const char *const names[] = { "ax", "cx", "dx", "bx", "sp", "bp", "si", "di" };
	const char *name = code->object->symbols[instruction->target.symbol].name;
	const char *suffix = strrchr(name, '.') + 1;

	for (unsigned number = 0; number < 8; number++) {
		if (strcmp(suffix, names[number]) == 0)
			return number;
	}
	die(STATUS_FAILED, "%s: %s is of an unknown register", code->object->path, name);
}

static bool adds_got_distance(const struct code *code, const struct function *function,
			      const struct instruction *instruction)
{
	const struct relocation *relocation = object_relocation_in(
		code->object, function->section, instruction->offset, instruction_end(instruction));

	return relocation && relocation->type == R_386_GOTPC;
}

/* A call for the program's own address. Together with the addition that it is for, it may stay as
 * it is. */
static size_t move_address_call(struct code *code, const struct function *function,
				const struct instruction *call, size_t left)
{
	uint32_t old_address = instruction_end(call), new_address;

	if (call->thunk)
		copy(code, function, call);
	else
		code_emit(code, CALL_OPCODE, 0, 0, 0, 0);
	new_address = code->size;
	if (!call->thunk) {
		copy(code, function, &call[1]);
		correct_address(code, function, call[1].popped - 1, old_address, new_address);
		return 2;
	}
	if (left > 1 && adds_got_distance(code, function, &call[1])) {
		copy(code, function, &call[1]);
		return 2;
	}
	correct_address(code, function, thunk_register(code, call), old_address, new_address);
	return 1;
}

static void move_control(struct code *code, const struct instruction *instruction)
{
	if (instruction->kind == KIND_CALL)
		code_call(code, &instruction->target);
	else if (instruction->kind == KIND_JUMP)
		code_jump(code, &instruction->target);
	else
		code_branch(code, instruction->condition, &instruction->target);
}

static void note_stack(struct code *code, const struct instruction *instruction)
{
	if (!(instruction->writes & REGISTER_BIT(REGISTER_ESP)) || !code->depth_known ||
	    instruction->kind != KIND_PLAIN)
		return;
	if (!instruction->stack_known) {
		code_frame_end(code);
		return;
	}
	code_frame_depth(code, code->depth + instruction->stack_growth);
	if (instruction->pushed &&
	    !(REGISTER_BIT(instruction->pushed - 1) &
	      (code->object->wide ? WIDE_SCRATCH_REGISTERS : SCRATCH_REGISTERS)))
		unwind_row_saved(code, instruction->pushed - 1, code->depth);
}

static bool is_call_of_next(const struct function *function, const struct instruction *instruction)
{
	return instruction->kind == KIND_CALL && instruction->target.section == function->section &&
	       instruction->target.offset == instruction_end(instruction);
}

size_t code_move(struct code *code, const struct function *function,
		 const struct instruction *instruction, size_t left, bool rows)
{
	size_t moved = 1;

	if (code->sites)
		code_note_site(code, function->section, instruction->offset, code->size,
			       LOPI_SITE_MOVED);
	if (instruction->thunk || is_call_of_next(function, instruction))
		moved = move_address_call(code, function, instruction, left);
	else if (instruction->kind == KIND_CALL || instruction->kind == KIND_JUMP ||
		 instruction->kind == KIND_BRANCH)
		move_control(code, instruction);
	else
		copy(code, function, instruction);
	if (rows)
		note_stack(code, instruction);
	return moved;
}
