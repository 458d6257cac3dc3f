/*
 * The thesis's strategy (Section 5.3): the function's first bytes become a call of an enter stub
 * and, in an instruction that does nothing, the function's identifier. The stub calls the runtime,
 * which has the function return to a return frame, does what was overwritten, and goes back behind
 * the identifier. Functions with the same overwritten instructions share a stub; pushing ebp,
 * setting it and making room on the stack is the common case.
 *
 * Such a stub cannot execute what it stands for: the address to go back to is on top of the stack.
 * It makes room first, keeps that address below, and stores where the function would have pushed.
 */
#include "memory.h"
#include "runtime/record.h"
#include "stub.h"

#include <string.h>

enum {
	OPCODE_PUSH_WORD = 0x68,
	OPCODE_STORE = 0x89,
	OPCODE_LEA = 0x8d,
	OPCODE_RETURN = 0xc3,
	MODRM_STACK = 0x84, /* a 32-bit displacement and a byte that says: from esp */
	SIB_STACK = 0x24,
	PREFIX_WIDE_R8 = 0x4c, /* REX.W and REX.R: registers from r8 on */
};

/* A stub that others may share. */
struct shared_stub {
	struct shared_stub *next; /* in its bucket */
	const struct object *object;
	unsigned section;
	uint8_t bytes[16];
	uint32_t size;
	uint32_t offset;
	unsigned width;
};

/* Bytes of the stub's argument, which x86-64 has twice so that the stack is aligned, and of the
 * address to go back to. */
static int32_t stub_words(const struct code *code)
{
	return code->object->wide ? 24 : 8;
}

/* lea, mov and push with an operand on the stack: their last part. */
static void stack_operand(struct code *code, unsigned field, int32_t displacement)
{
	code_emit(code, MODRM_STACK | field << 3, SIB_STACK);
	code_word(code, displacement);
}

static void call_runtime(struct code *code, const struct record *record, unsigned width)
{
	const char *name = width == 1 ? "lopi_frame_enter8" : "lopi_frame_enter32";
	struct place runtime = { .symbol =
					 object_undefined_symbol(code->object, name, STT_NOTYPE) };

	for (int index = 0; index < (code->object->wide ? 2 : 1); index++) {
		code_emit(code, OPCODE_PUSH_WORD);
		code_relocated(code, code_variable_relocation(code), record->symbol, 0);
	}
	code_frame_depth(code, stub_words(code) + code->word);
	code_call(code, &runtime);
}

/* --- shared stubs --- */

/* Whole words: so the address to go back to is never below the stack, where signals would destroy
 * it.
 */
static bool makes_room(const struct code *code, const struct instruction *instruction)
{
	return instruction->moves_stack && instruction->stack_growth > 0 &&
	       instruction->stack_growth % code->word == 0;
}

static bool pushes_register(const struct instruction *instruction)
{
	return instruction->stack_known && instruction->pushed &&
	       instruction->pushed != REGISTER_ESP + 1;
}

/*
 * Whether a shared stub can do the instruction. Of those that change the stack it knows the two
 * above; translate() does nothing for any other, a push of a constant or of memory for example. On
 * x86-64, a function may store below its stack, where the address to go back to is; by ebp, for it
 * may not by esp. The
 * comparison with the identifier comes afterwards, and would destroy flags; nobody wants those of
 * making room on the stack.
 */
static bool is_translatable(const struct code *code, const struct function *function,
			    const struct instruction *instruction)
{
	unsigned stack = REGISTER_BIT(REGISTER_ESP);
	unsigned frame = code->object->wide ? REGISTER_BIT(REGISTER_EBP) : 0;

	if (instruction->kind != KIND_PLAIN || instruction->address_field ||
	    object_relocation_in(code->object, function->section, instruction->offset,
				 instruction_end(instruction)))
		return false;
	if (instruction->sets_frame)
		return true;
	if (instruction->writes & stack)
		return pushes_register(instruction) || makes_room(code, instruction);
	return !(instruction->reads & (stack | frame)) && !instruction->sets_flags;
}

static bool is_shareable(const struct code *code, const struct plan *plan)
{
	const struct site *site = &plan->entry;
	uint32_t size = 0;

	for (size_t index = 0; index < site->count; index++) {
		const struct instruction *instruction = &site->piece->code[site->first + index];

		if (!is_translatable(code, site->piece, instruction))
			return false;
		size += instruction->length;
	}
	return size <= sizeof(((struct shared_stub *)0)->bytes);
}

static int32_t total_growth(const struct site *site)
{
	int32_t growth = 0;

	for (size_t index = 0; index < site->count; index++)
		growth += site->piece->code[site->first + index].stack_growth;
	return growth;
}

/* Does the instruction, the stack being `room` bytes deeper than where the function would have it
 * by now. */
static void translate(struct code *code, const struct function *function,
		      const struct instruction *instruction, int32_t room)
{
	const uint8_t *bytes =
		code->object->sections[function->section].bytes + instruction->offset;

	if (instruction->sets_frame) {
		code_widen(code);
		code_emit(code, OPCODE_LEA);
		stack_operand(code, REGISTER_EBP, room);
	} else if (instruction->pushed) {
		if (instruction->pushed > 8)
			code_emit(code, PREFIX_WIDE_R8);
		else
			code_widen(code);
		code_emit(code, OPCODE_STORE);
		stack_operand(code, (instruction->pushed - 1) % 8, room - code->word);
	} else if (!(instruction->writes & REGISTER_BIT(REGISTER_ESP))) {
		code_bytes(code, bytes, instruction->length);
	}
}

/*
 * After the runtime: the argument, the address to go back to (at I), the return address. The
 * function would make the stack `growth` bytes deeper than the last.
 */
static void emit_shared(struct code *code, const struct plan *plan, const struct record *record,
			unsigned width)
{
	const struct site *site = &plan->entry;
	int32_t growth = total_growth(site), room = growth + code->word, words = stub_words(code);

	code_frame_start(code, 2 * code->word);
	call_runtime(code, record, width);
	code_widen(code);
	code_emit(code, OPCODE_LEA);
	stack_operand(code, REGISTER_ESP, growth ? words - growth : words - code->word);
	if (growth) {
		code_emit(code, 0xff); /* push (growth - 4)(%esp): the address at I */
		stack_operand(code, 6, growth - code->word);
	}
	code_frame_depth(code, growth + 2 * code->word);
	for (size_t index = 0; index < site->count; index++) {
		const struct instruction *instruction = &site->piece->code[site->first + index];

		translate(code, site->piece, instruction, room);
		room -= instruction->stack_growth;
	}
	code_emit(code, OPCODE_RETURN);
	code_frame_end(code);
}

static struct shared_stub **bucket_of(const uint8_t *bytes, uint32_t size)
{
	static struct shared_stub *buckets[4096];
	uint32_t hash = 2166136261u;

	for (uint32_t index = 0; index < size; index++)
		hash = (hash ^ bytes[index]) * 16777619u;
	return &buckets[hash % 4096];
}

/* Finds a stub for the same instructions of the same section, or makes one. */
static uint32_t shared_stub(struct code *code, const struct plan *plan, const struct record *record,
			    unsigned width)
{
	const struct site *site = &plan->entry;
	const struct instruction *last = &site->piece->code[site->first + site->count - 1];
	const uint8_t *bytes = code->object->sections[site->piece->section].bytes + site->start;
	uint32_t size = instruction_end(last) - site->start;
	struct shared_stub **bucket = bucket_of(bytes, size), *stub;

	for (stub = *bucket; stub; stub = stub->next) {
		if (stub->object == code->object && stub->section == code->section &&
		    stub->width == width && stub->size == size &&
		    memcmp(stub->bytes, bytes, size) == 0)
			return stub->offset;
	}
	stub = memory_new(1, sizeof(*stub));
	*stub = (struct shared_stub){ .next = *bucket,
				      .object = code->object,
				      .section = code->section,
				      .size = size,
				      .offset = code->size,
				      .width = width };
	*bucket = stub;
	memcpy(stub->bytes, bytes, size);
	emit_shared(code, plan, record, width);
	return stub->offset;
}

/* --- stubs of one function --- */

/* Drops the address, does what was overwritten, and goes on behind that. */
static uint32_t own_stub(struct code *code, const struct plan *plan, const struct record *record,
			 unsigned width)
{
	uint32_t start = code->size;

	code_frame_start(code, 2 * code->word);
	call_runtime(code, record, width);
	code_widen(code);
	code_emit(code, 0x83, 0xc4, stub_words(code)); /* add $8, %esp */
	code_frame_end(code);
	stub_move_entry(code, plan);
	return start;
}

uint32_t stub_thesis(struct code *code, const struct analysis *analysis, const struct plan *plan,
		     const struct payload *payload, const struct record *record)
{
	uint32_t identifier = record->offset / sizeof(struct lopi_record);
	unsigned width = plan->entry_size - JUMP_SIZE - 1;
	uint32_t stub;

	(void)analysis;
	(void)payload;
	if (is_shareable(code, plan))
		stub = shared_stub(code, plan, record, width);
	else
		stub = own_stub(code, plan, record, width);
	patch_call(code, &plan->entry, stub, identifier, width);
	return stub;
}
