/*
 * A stub has to jump back to the function, and every way out has to jump to a stub. Where the stub
 * goes on with a copy of the function's next instructions, a branch that is taken leads from there
 * to where it leads anyway, and a way out that is reached is a part of the copy: no jump back, and
 * none to the way out's stub. What is copied stays where it was, too, for those who come from
 * elsewhere.
 */
#include "trace.h"
#include "plan_site.h"

const struct leave_point *trace_leave_at(const struct plan *plan, const struct place *place)
{
	for (size_t index = 0; index < plan->leave_count; index++) {
		const struct site *site = &plan->leaves[index].site;

		if (!plan->leaves[index].in_entry && site->piece->section == place->section &&
		    site->start == place->offset)
			return &plan->leaves[index];
	}
	return NULL;
}

static bool has_step(const struct trace *trace, size_t index)
{
	for (size_t step = 0; step < trace->count; step++) {
		if (trace->steps[step] == index)
			return true;
	}
	return false;
}

/* The instruction inside the piece that a jump leads to, or null. */
static const struct instruction *inner_target(const struct function *piece,
					      const struct instruction *jump)
{
	if (jump->kind != KIND_JUMP || jump->symbolic || jump->target.section != piece->section)
		return NULL;
	return function_instruction_at(piece, jump->target.offset);
}

static bool is_copied(const struct analysis *analysis, const struct function *piece,
		      const struct instruction *instruction)
{
	if (instruction->kind != KIND_PLAIN && instruction->kind != KIND_BRANCH)
		return false;
	return site_copies(analysis, piece, instruction);
}

/* Ends the trace before the instruction `next`: what comes before it was worth a copy. */
static void keep_until(struct trace *trace, size_t *kept, size_t next)
{
	*kept = trace->count;
	trace->next = next;
}

/*
 * Without a branch, jump or way out in it, a copy saves nothing. So it ends behind the last one.
 * Jumps that are followed leave nothing in the copy, and may lead to each other without end.
 */
struct trace trace_from_entry(const struct analysis *analysis, const struct plan *plan)
{
	const struct function *piece = plan->entry.piece;
	size_t at = plan->entry.first + plan->entry.count, kept = 0, jumps = 0;
	struct trace trace = { .piece = piece, .next = at };

	while (at < piece->count && trace.count < TRACE_LIMIT && jumps < TRACE_LIMIT &&
	       !has_step(&trace, at)) {
		const struct instruction *instruction = &piece->code[at];
		const struct instruction *target = inner_target(piece, instruction);
		const struct place here = { piece->section, instruction->offset, 0 };

		trace.leave = trace_leave_at(plan, &here);
		if (trace.leave && instruction->kind != KIND_BRANCH) {
			keep_until(&trace, &kept, at);
			break;
		}
		trace.leave = NULL;
		if (target) {
			at = target - piece->code;
			jumps++;
			keep_until(&trace, &kept, at);
			continue;
		}
		if (!is_copied(analysis, piece, instruction))
			break;
		trace.steps[trace.count++] = at++;
		if (instruction->kind == KIND_BRANCH)
			keep_until(&trace, &kept, at);
	}
	trace.count = kept;
	return trace;
}
