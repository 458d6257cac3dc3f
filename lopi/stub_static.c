/*
 * Static exits: the entry and every way out of the function lead through stubs that do the payload
 * and what they displaced. No frame is needed, calls and returns stay paired, and the function
 * stays where it is; what follows its entry is copied to the stub where that saves jumps.
 */
#include "liveness.h"
#include "memory.h"
#include "stub.h"
#include "trace.h"

static const struct leave_point *leave_at(const struct plan *plan,
					  const struct instruction *instruction)
{
	for (size_t index = 0; index < plan->leave_count; index++) {
		const struct site *site = &plan->leaves[index].site;

		if (plan->leaves[index].in_entry &&
		    &site->piece->code[site->first + site->count - 1] == instruction)
			return &plan->leaves[index];
	}
	return NULL;
}

/* A register that the payload may use before the function is left. */
static int scratch_at(const struct analysis *analysis, const struct plan *plan,
		      const struct instruction *leave)
{
	if (leave->kind != KIND_RETURN)
		return payload_scratch(liveness_dead_at_tail_call(analysis, plan->function, leave));
	return payload_scratch(liveness_dead_at_return(analysis, plan->function));
}

/*
 * How many of the site's instructions go before the payload. What clears the stack does, so that
 * the payload finds the stack as it was on entry. But one that needs no more than a register has
 * one before the function's last pops.
 */
static size_t place_of_payload(const struct code *code, const struct site *site,
			       const struct payload *payload, int *scratch)
{
	const struct instruction *first = &site->piece->code[site->first];
	size_t before = site->count - 1;

	if (*scratch != NO_REGISTER || !payload->inlined || code->keep_flags)
		return before;
	for (size_t index = before; index > 0 && first[index - 1].popped; index--) {
		*scratch = payload_scratch(REGISTER_BIT(first[index - 1].popped - 1));
		if (*scratch != NO_REGISTER)
			return index - 1;
	}
	return before;
}

static void emit_leave(struct code *code, const struct analysis *analysis, const struct plan *plan,
		       const struct leave_point *leave, const struct payload *payload,
		       const struct record *record)
{
	const struct site *site = &leave->site;
	const struct instruction *last = &site->piece->code[site->first + site->count - 1];

	int scratch = scratch_at(analysis, plan, last);
	size_t before = place_of_payload(code, site, payload, &scratch);

	for (size_t index = 0; index + 1 < site->count; index++) {
		if (index == before)
			payload->leave(code, record, scratch);
		code_move(code, site->piece, &site->piece->code[site->first + index], 1, false);
	}
	code_frame_start(code, code->word);
	if (before + 1 == site->count)
		payload->leave(code, record, scratch);
	if (last->kind == KIND_BRANCH)
		code_jump(code, &last->target);
	else
		code_move(code, site->piece, last, 1, false);
	code_frame_end(code);
}

static bool leaves_by_branch(const struct leave_point *leave)
{
	const struct site *site = &leave->site;

	return site->piece->code[site->first + site->count - 1].kind == KIND_BRANCH;
}

/* The way out that a branch takes: itself, or what it leads to, if that leaves in any case. */
static const struct leave_point *leave_of_branch(const struct plan *plan,
						 const struct function *piece,
						 const struct instruction *branch)
{
	const struct place here = { piece->section, branch->offset, 0 };
	const struct leave_point *leave = trace_leave_at(plan, &here);

	if (leave)
		return leave;
	leave = trace_leave_at(plan, &branch->target);
	return leave && !leaves_by_branch(leave) ? leave : NULL;
}

/* A branch of the copy leads where it leads, or to the stub of the way out that is there. */
static void emit_step(struct code *code, const struct plan *plan, const struct function *piece,
		      const struct instruction *instruction, const uint32_t *leaves)
{
	const struct leave_point *leave = NULL;
	struct place stub;

	if (instruction->kind == KIND_BRANCH)
		leave = leave_of_branch(plan, piece, instruction);
	if (!leave) {
		code_move(code, piece, instruction, 1, true);
		return;
	}
	stub = code_place(code, leaves[leave - plan->leaves]);
	code_branch(code, instruction->condition, &stub);
}

/* Whether a copy of more than has to move may stand in the stub. Handlers for exceptions are for
 * the function's own code; the kernel has tables of what may fault; and what is switched is patched
 * byte by byte. */
static bool may_copy(const struct code *code, const struct analysis *analysis,
		     const struct plan *plan)
{
	return !code->kernel && !code->sites && !code->keep_flags &&
	       !function_handles(analysis, plan->function);
}

/* Behind the entry: the rest of the way, as far as it is copied, and back. */
static void emit_way_on(struct code *code, const struct analysis *analysis, const struct plan *plan,
			const struct payload *payload, const struct record *record,
			const uint32_t *leaves)
{
	const struct site *site = &plan->entry;
	struct place back = { site->piece->section, site->end, 0 };
	struct trace trace = { 0 };

	if (may_copy(code, analysis, plan))
		trace = trace_from_entry(analysis, plan);
	for (size_t step = 0; step < trace.count; step++)
		emit_step(code, plan, site->piece, &site->piece->code[trace.steps[step]], leaves);
	if (trace.leave) {
		code_frame_end(code);
		emit_leave(code, analysis, plan, trace.leave, payload, record);
		return;
	}
	if (trace.piece && trace.next < site->piece->count)
		back.offset = site->piece->code[trace.next].offset;
	else if (trace.piece)
		back.offset = site->piece->end;
	code_jump(code, &back);
}

static void emit_entry(struct code *code, const struct analysis *analysis, const struct plan *plan,
		       const struct payload *payload, const struct record *record,
		       const uint32_t *leaves)
{
	const struct site *site = &plan->entry;
	const struct instruction *last = &site->piece->code[site->first + site->count - 1];
	size_t index = 0, at;
	int scratch = liveness_find_scratch(analysis, site->piece, site->first, site->count, &at);

	if (!payload->inlined)
		at = 0;
	code_frame_start(code, code->word);
	while (index < site->count) {
		const struct instruction *instruction = &site->piece->code[site->first + index];

		if (index == at)
			payload->enter(code, record, scratch);
		if (leave_at(plan, instruction))
			payload->leave(code, record, scratch_at(analysis, plan, instruction));
		index += code_move(code, site->piece, instruction, site->count - index, true);
	}
	if (index == at)
		payload->enter(code, record, scratch);
	if (!instruction_ends_block(last))
		emit_way_on(code, analysis, plan, payload, record, leaves);
	code_frame_end(code);
}

static bool is_jump_with_target(const struct leave_point *leave)
{
	const struct site *site = &leave->site;
	const struct instruction *last = &site->piece->code[site->first + site->count - 1];

	return site->count == 1 && site->end == instruction_end(last) &&
	       last->length >= JUMP_SIZE && (last->kind == KIND_JUMP || last->kind == KIND_BRANCH);
}

uint32_t stub_static(struct code *code, const struct analysis *analysis, const struct plan *plan,
		     const struct payload *payload, const struct record *record)
{
	uint32_t *leaves = memory_new(plan->leave_count, sizeof(*leaves)), entry;

	for (size_t index = 0; index < plan->leave_count; index++) {
		leaves[index] = code->size;
		if (!plan->leaves[index].in_entry)
			emit_leave(code, analysis, plan, &plan->leaves[index], payload, record);
	}
	entry = code->size;
	emit_entry(code, analysis, plan, payload, record, leaves);
	patch_jump(code, &plan->entry, entry);
	for (size_t index = 0; index < plan->leave_count; index++) {
		const struct leave_point *leave = &plan->leaves[index];

		if (leave->in_entry)
			continue;
		if (leave->near)
			patch_near_jump(code, &leave->site, leave->island, leaves[index]);
		else if (is_jump_with_target(leave))
			patch_target(code, &leave->site, leaves[index]);
		else
			patch_jump(code, &leave->site, leaves[index]);
	}
	return entry;
}
