/*
 * Static exits: the entry and every way out of the function lead through stubs that do the payload
 * and what they displaced. No frame is needed, calls and returns stay paired, and the function
 * stays where it is.
 */
#include "liveness.h"
#include "memory.h"
#include "stub.h"

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

/* Arguments of a tail call may be in any register. */
static int scratch_at(const struct analysis *analysis, const struct plan *plan,
		      const struct instruction *leave)
{
	if (leave->kind != KIND_RETURN)
		return NO_REGISTER;
	return payload_scratch(liveness_dead_at_return(analysis, plan->function));
}

static void emit_entry(struct code *code, const struct analysis *analysis, const struct plan *plan,
		       const struct payload *payload, const struct record *record)
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
		code_jump(code, &(struct place){ site->piece->section, site->end, 0 });
	code_frame_end(code);
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

static bool is_jump_with_target(const struct leave_point *leave)
{
	const struct site *site = &leave->site;
	const struct instruction *last = &site->piece->code[site->first + site->count - 1];

	return site->count == 1 && site->end == instruction_end(last) &&
	       last->length >= JUMP_SIZE && (last->kind == KIND_JUMP || last->kind == KIND_BRANCH);
}

void stub_static(struct code *code, const struct analysis *analysis, const struct plan *plan,
		 const struct payload *payload, const struct record *record)
{
	uint32_t entry = code->size;
	uint32_t *leaves = memory_new(plan->leave_count, sizeof(*leaves));

	emit_entry(code, analysis, plan, payload, record);
	for (size_t index = 0; index < plan->leave_count; index++) {
		leaves[index] = code->size;
		if (!plan->leaves[index].in_entry)
			emit_leave(code, analysis, plan, &plan->leaves[index], payload, record);
	}
	patch_jump(code, &plan->entry, entry);
	for (size_t index = 0; index < plan->leave_count; index++) {
		const struct leave_point *leave = &plan->leaves[index];

		if (leave->in_entry)
			continue;
		if (is_jump_with_target(leave))
			patch_target(code, &leave->site, leaves[index]);
		else
			patch_jump(code, &leave->site, leaves[index]);
	}
}
