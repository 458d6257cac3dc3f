/*
 * Paired: the stub takes the return address off the stack and calls the body, which returns to the
 * stub; so each call has its return, as the processor's return predictor expects. The return
 * address waits in a frame of the thread's shadow stack. The stub keeps that frame's address in
 * ebx, which the body preserves like any other: an unwinder that knows the caller's ebx finds the
 * rest, and a frame that was abandoned by longjmp is dropped when an older one returns.
 */
#include "runtime/record.h"
#include "stub.h"
#include "unwind.h"

enum {
	FRAME_RETURN = offsetof(struct lopi_shadow_frame, return_address),
	OPCODE_LOAD = 0x8b,
	OPCODE_STORE = 0x89,
	OPCODE_ADD_BYTE = 0x83,
	CONDITION_ZERO = 4,
};

static uint32_t shadow_top(struct code *code)
{
	return object_undefined_symbol(code->object, "lopi_shadow_top",
				       code->kernel ? STT_OBJECT : STT_TLS);
}

/* Gets a frame, or calls for a new block of them: where the next frame would be says which. */
static void emit_push_frame(struct code *code)
{
	struct place more = { .symbol = object_undefined_symbol(code->object, "lopi_shadow_more",
								STT_NOTYPE) };

	code_save_flags(code);
	code_variable_word(code, OPCODE_LOAD, REGISTER_EBX, shadow_top(code), 0);
	code_emit(code, 0x66, 0x85, 0xdb); /* test %bx, %bx */
	code_emit(code, 0x75, 5);          /* jnz behind the call */
	code_call(code, &more);            /* sets ebx */
	code_variable_word(code, OPCODE_ADD_BYTE, 0, shadow_top(code), 0);
	code_emit(code, LOPI_SHADOW_FRAME);
	code_restore_flags(code);
	code_emit(code, 0x8f, 0x43, code->word); /* pop 4(%ebx): the frame's ebx */
	code_frame_depth(code, code->word);
	code_emit(code, 0x8f, 0x43, FRAME_RETURN); /* pop FRAME_RETURN(%ebx) */
	code_frame_end(code);
}

/* The frame's contents are on the stack before the frame is given up: signals may use it at once.
 */
static void emit_pop_frame(struct code *code)
{
	/* push FRAME_RETURN(%ebx): unwinders know a stub by these bytes (unwind.c) */
	code_emit(code, 0xff, 0x73, FRAME_RETURN);
	code_emit(code, 0xff, 0x73, code->word); /* push 4(%ebx): the frame's ebx */
	code_variable_word(code, OPCODE_STORE, REGISTER_EBX, shadow_top(code), 0);
}

static void emit_enter(struct code *code, const struct payload *payload,
		       const struct record *record)
{
	code_frame_start(code, code->word);
	if (!payload->inlined)
		payload->enter(code, record, NO_REGISTER);
	code_emit(code, 0x53); /* push %ebx */
	code_frame_depth(code, 2 * code->word);
	if (payload->inlined)
		payload->enter(code, record, REGISTER_EBX);
	emit_push_frame(code);
}

static void emit_leave(struct code *code, const struct payload *payload,
		       const struct record *record)
{
	emit_pop_frame(code);
	code_frame_end(code);
	if (payload->inlined)
		payload->leave(code, record, REGISTER_EBX);
	code_emit(code, 0x5b); /* pop %ebx */
	code_frame_start(code, code->word);
	if (!payload->inlined)
		payload->leave(code, record, NO_REGISTER);
	code_emit(code, 0xc3); /* ret */
	code_frame_end(code);
}

uint32_t stub_paired(struct code *code, const struct analysis *analysis, const struct plan *plan,
		     const struct payload *payload, const struct record *record)
{
	uint32_t entry = code->size, call;
	struct place body;

	(void)analysis;
	emit_enter(code, payload, record);
	call = code->size;
	unwind_start_in_frame(code);
	code_call(code, &(struct place){ code->section, 0, code->symbol });
	emit_leave(code, payload, record);
	body = code_place(code, code->size);
	bytes_put32(code->bytes + call + 1, body.offset - (call + JUMP_SIZE));
	stub_move_entry(code, plan);
	patch_jump(code, &plan->entry, entry);
	return entry;
}
