/*
 * The payloads: the thesis's (Section 5.4: read a 4-byte value on entry, accumulate on exit),
 * counting, and calls of the runtime. `acc -= value` on entry and `acc += value` on exit give the
 * same sum as a frame that keeps the first value, without the frame.
 */
#include "payload.h"

#include "runtime/record.h"

#include <string.h>

enum {
	OPCODE_LOAD = 0x8b, /* mov memory, register */
	OPCODE_ADD = 0x01,  /* add register, memory */
	OPCODE_SUB = 0x29,
	OPCODE_PUSH = 0x50,
	OPCODE_POP = 0x58,
	OPCODE_PUSH_WORD = 0x68,
	OPCODE_ADD_BYTE = 0x83, /* add or adc of a byte, as the register field says */
	FIELD_ADD = 0,
	FIELD_ADC = 2,
};

int payload_scratch(unsigned registers)
{
	static const uint8_t candidates[] = { REGISTER_EAX,
					      REGISTER_ECX,
					      REGISTER_EDX,
					      REGISTER_ESI,
					      REGISTER_EDI,
					      REGISTER_EBX,
					      8,
					      9,
					      10,
					      REGISTER_R11 };

	for (size_t index = 0; index < sizeof(candidates); index++) {
		if (registers & REGISTER_BIT(candidates[index]))
			return candidates[index];
	}
	return NO_REGISTER;
}

static void accumulate(struct code *code, const struct record *record, int scratch, unsigned opcode)
{
	bool save = scratch == NO_REGISTER;
	int32_t depth;

	code_save_flags(code);
	depth = code->depth;
	if (save) {
		scratch = REGISTER_ECX;
		code_emit(code, OPCODE_PUSH + scratch);
		code_frame_depth(code, depth + code->word);
	}
	code_variable(code, OPCODE_LOAD, scratch,
		      object_undefined_symbol(code->object, "lopi_counter",
					      code->kernel ? STT_OBJECT : STT_TLS),
		      0);
	code_variable(code, opcode, scratch, record->symbol,
		      record->offset + offsetof(struct lopi_record, value));
	if (save) {
		code_emit(code, OPCODE_POP + scratch);
		code_frame_depth(code, depth);
	}
	code_restore_flags(code);
}

static void counter_enter(struct code *code, const struct record *record, int scratch)
{
	accumulate(code, record, scratch, OPCODE_SUB);
}

static void counter_leave(struct code *code, const struct record *record, int scratch)
{
	accumulate(code, record, scratch, OPCODE_ADD);
}

/* The register holds the distance of the object's records. */
static void count_at_distance(struct code *code, uint32_t records, uint32_t calls, int scratch)
{
	int32_t depth = code->depth;
	bool save = scratch == NO_REGISTER;

	if (save) {
		scratch = REGISTER_ECX;
		code_emit(code, OPCODE_PUSH + scratch);
		code_frame_depth(code, depth + code->word);
	}
	code_distance(code, scratch, records);
	code_variable_at(code, OPCODE_ADD_BYTE, FIELD_ADD, scratch, calls);
	code_emit(code, 1);
	if (!code->object->wide) {
		code_variable_at(code, OPCODE_ADD_BYTE, FIELD_ADC, scratch, calls + 4);
		code_emit(code, 0);
	}
	if (save) {
		code_emit(code, OPCODE_POP + scratch);
		code_frame_depth(code, depth);
	}
}

/* A byte follows the relocated word: the constant. */
static void calls_enter(struct code *code, const struct record *record, int scratch)
{
	uint32_t calls = record->offset + offsetof(struct lopi_record, calls);

	code_save_flags(code);
	if (code->shared) {
		count_at_distance(code, record->symbol, calls, scratch);
		code_restore_flags(code);
		return;
	}
	code_variable_word(code, OPCODE_ADD_BYTE, FIELD_ADD, record->symbol, calls);
	code_emit(code, 1);
	if (!code->object->wide) {
		code_variable(code, OPCODE_ADD_BYTE, FIELD_ADC, record->symbol, calls + 4);
		code_emit(code, 0);
	}
	code_restore_flags(code);
}

static void no_leave(struct code *code, const struct record *record, int scratch)
{
	(void)code;
	(void)record;
	(void)scratch;
}

/* Adds to the stack pointer, and keeps flags. */
static void move_stack(struct code *code, int bytes)
{
	code_widen(code);
	code_emit(code, 0x8d, 0x64, 0x24, bytes); /* lea bytes(%esp), %esp */
}

/* Pushes the record's distance, which is known when the object is loaded; keeps flags. */
static void push_distance(struct code *code, const struct record *record)
{
	int32_t depth = code->depth;

	move_stack(code, -code->word);
	code_emit(code, OPCODE_PUSH + REGISTER_EAX);
	code_frame_depth(code, depth + 2 * code->word);
	code_distance(code, REGISTER_EAX, record->symbol);
	code_widen(code);
	code_emit(code, 0x8d, 0x80); /* lea record(%eax), %eax */
	code_word(code, record->offset);
	code_widen(code);
	code_emit(code, 0x89, 0x44, 0x24, code->word); /* mov %eax, 4(%esp) */
	code_emit(code, OPCODE_POP + REGISTER_EAX);
	code_frame_depth(code, depth + code->word);
}

/* push record; call the runtime; drop the record. The runtime keeps all registers. */
static void call_runtime(struct code *code, const struct record *record, const char *name)
{
	struct place runtime = { .symbol =
					 object_undefined_symbol(code->object, name, STT_NOTYPE) };
	int32_t depth = code->depth;

	if (code->shared) {
		push_distance(code, record);
	} else {
		code_emit(code, OPCODE_PUSH_WORD);
		code_relocated(code, code_variable_relocation(code), record->symbol,
			       record->offset);
		code_frame_depth(code, depth + code->word);
	}
	code_call(code, &runtime);
	move_stack(code, code->word);
	code_frame_depth(code, depth);
}

static void hooks_enter(struct code *code, const struct record *record, int scratch)
{
	(void)scratch;
	call_runtime(code, record, code->keep_flags ? "lopi_enter_with_flags" : "lopi_enter");
}

static void hooks_leave(struct code *code, const struct record *record, int scratch)
{
	(void)scratch;
	call_runtime(code, record, code->keep_flags ? "lopi_leave_with_flags" : "lopi_leave");
}

const struct payload payloads[] = {
	{ "counter", "read a 4-byte value on entry, accumulate on exit (the thesis's)", false, true,
	  true, counter_enter, counter_leave },
	{ "calls", "count the calls of each function", true, true, false, calls_enter, no_leave },
	{ "cycles", "calls, and cycles by rdtsc, with and without callees", true, false, true,
	  hooks_enter, hooks_leave },
	{ "callgraph", "the same, for each caller as well", true, false, true, hooks_enter,
	  hooks_leave },
	{ "trace", "every call and return, with its time", true, false, true, hooks_enter,
	  hooks_leave },
};

const size_t payload_count = sizeof(payloads) / sizeof(payloads[0]);

const struct payload *payload_find(const char *name)
{
	for (size_t index = 0; index < payload_count; index++) {
		if (strcmp(payloads[index].name, name) == 0)
			return &payloads[index];
	}
	return NULL;
}
