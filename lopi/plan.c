/*
 * Deciding how a function is instrumented. What cannot be understood is refused, and what cannot be
 * done with static exits is done by a paired stub, which does not care how the body returns.
 */
#include "plan.h"
#include "liveness.h"
#include "memory.h"
#include "plan_site.h"

#include <string.h>

/* --- labels in a function --- */

static bool piece_has_labels(const struct analysis *analysis, const struct function *piece)
{
	return piece && (analysis_marks(analysis, piece->section, piece->start + 1, piece->end) &
			 MARK_LABEL);
}

/* Whether addresses inside the function are taken, so that an indirect jump may stay in it. */
static bool has_labels(const struct analysis *analysis, const struct function *function)
{
	return piece_has_labels(analysis, function) || piece_has_labels(analysis, function->cold);
}

static bool is_interior(const struct function *function, const struct place *place)
{
	return function_contains(function, place) &&
	       !(place->section == function->section && place->offset == function->start);
}

/* What an indirect jump goes by: the entry of a table of labels of the function, or something else.
 */
enum jump_by { JUMP_BY_TABLE, JUMP_BY_POINTER, JUMP_BY_UNKNOWN };

/* Looks at what the data at `place` points to. */
static enum jump_by classify_table(const struct analysis *analysis, const struct function *function,
				   const struct place *place)
{
	const struct object *object = analysis->object;
	const struct relocation *entry;
	struct place target;

	if (place->section == 0 || object_is_code(object, place->section))
		return JUMP_BY_UNKNOWN;
	entry = object_relocation_in(object, place->section, place->offset, place->offset + 1);
	if (!entry ||
	    (!object_is_address(object, entry) && !(object->wide && relocation_is_distance(entry))))
		return JUMP_BY_UNKNOWN;
	if (!object_resolve(object, entry, 0, &target))
		return JUMP_BY_POINTER;
	return is_interior(function, &target) ? JUMP_BY_TABLE : JUMP_BY_POINTER;
}

/* The table that the instruction's memory operand names by a relocation. */
static enum jump_by classify_operand(const struct analysis *analysis,
				     const struct function *function, const struct function *piece,
				     const struct instruction *instruction)
{
	const struct object *object = analysis->object;
	const struct relocation *relocation = object_relocation_in(
		object, piece->section, instruction->offset, instruction_end(instruction));
	struct place place;

	if (instruction->address_field && instruction->address_relocated &&
	    !instruction->address.section && instruction->kind == KIND_JUMP_INDIRECT)
		return JUMP_BY_POINTER; /* of another object's function */
	if (instruction->address_field)
		return classify_table(analysis, function, &instruction->address);
	if (!relocation || !object_is_address(object, relocation) ||
	    !object_resolve(object, relocation, 0, &place))
		return JUMP_BY_UNKNOWN;
	return classify_table(analysis, function, &place);
}

/* jmp *table(,%reg,4), or a load from the table a few instructions before. */
static enum jump_by classify_jump(const struct analysis *analysis, const struct function *function,
				  const struct function *piece, size_t index)
{
	const size_t look_back = 6;
	size_t first = index > look_back ? index - look_back : 0;

	if (!has_labels(analysis, function))
		return JUMP_BY_POINTER;
	for (size_t at = index + 1; at-- > first;) {
		const struct instruction *instruction = &piece->code[at];
		enum jump_by by = classify_operand(analysis, function, piece, instruction);

		if (by == JUMP_BY_TABLE)
			return by;
		if (at == index && by == JUMP_BY_POINTER)
			return by;
		if (at < index && instruction->kind != KIND_PLAIN)
			break;
	}
	return JUMP_BY_UNKNOWN;
}

/* --- what cannot be understood --- */

/*
 * Distances between labels are constants that no relocation tells of. They matter to functions that
 * jump by them.
 */
static const char *check_piece(const struct analysis *analysis, const struct function *function,
			       const struct function *piece)
{
	for (size_t index = 0; index < piece->count; index++) {
		const struct instruction *instruction = &piece->code[index];
		const struct object *object = analysis->object;
		const struct relocation *relocation = object_relocation_in(
			object, piece->section, instruction->offset, instruction_end(instruction));
		struct place place;

		if (instruction->kind == KIND_JUMP_INDIRECT && analysis->relative_labels)
			return "it may jump by distances in tables";
		if ((relocation && object_is_address(object, relocation) &&
		     object_resolve(object, relocation, 0, &place) &&
		     is_interior(function, &place)) ||
		    is_interior(function, &instruction->address))
			return "it computes the addresses of its labels";
	}
	return NULL;
}

/* Branches to its first instruction would be taken for calls. */
static const char *check_loops(const struct function *function, const struct function *piece,
			       uint32_t patch)
{
	for (size_t index = 0; index < piece->count; index++) {
		const struct instruction *instruction = &piece->code[index];

		if (instruction->kind != KIND_CALL && !instruction->symbolic &&
		    instruction->target.section == function->section &&
		    instruction->target.offset >= function->start &&
		    instruction->target.offset <= patch)
			return "it loops to its first instruction";
	}
	return NULL;
}

/* A resolver of an indirect function has that function's symbol beside its own. */
static bool is_resolver(const struct analysis *analysis, const struct function *function)
{
	return analysis_marks(analysis, function->section, function->start, function->start + 1) &
	       MARK_RESOLVER;
}

static const char *check_section(const struct analysis *analysis, const struct function *function)
{
	const char *name = analysis->object->sections[function->section].name;

	if (strcmp(name, ".init") == 0 || strcmp(name, ".fini") == 0)
		return "its section is pieced together from several files";
	if (analysis->split_stack)
		return "it is compiled with -fsplit-stack, whose first bytes linkers look for";
	if (is_resolver(analysis, function))
		return "it runs before thread-local data exists";
	if (strncmp(function->name, "__x86.get_pc_thunk.", 19) == 0)
		return "it returns its own return address";
	if (function->is_cold)
		return "it is a part of another function";
	return NULL;
}

static const char *check_function(const struct analysis *analysis, const struct function *function,
				  uint32_t patch)
{
	const char *reason = check_piece(analysis, function, function);

	if (!reason && function->cold)
		reason = check_piece(analysis, function, function->cold);
	if (!reason)
		reason = check_loops(function, function, patch);
	if (!reason && function->cold)
		reason = check_loops(function, function->cold, patch);
	return reason;
}

/* --- return addresses --- */

/* What is known of the stack on the way through a function. */
struct walk {
	bool framed;   /* ebp is the frame pointer */
	int32_t word;  /* bytes of an address */
	bool straight; /* no branch, call or target yet: the depth is known */
	int32_t depth; /* bytes above the return address */
};

static bool touches_return_address(const struct walk *walk, const struct instruction *instruction)
{
	int32_t displacement = instruction->memory_displacement;

	if (instruction->memory_base == REGISTER_EBP + 1)
		return walk->framed && displacement > 0 && displacement < 2 * walk->word;
	if (!walk->straight)
		return false;
	if (instruction->memory_base == REGISTER_ESP + 1)
		return displacement > walk->depth - walk->word &&
		       displacement < walk->depth + walk->word;
	return walk->depth == 0 && instruction->popped;
}

static bool sets_frame(const struct walk *walk, const struct instruction *instruction)
{
	return walk->straight && walk->depth == walk->word && !instruction->popped &&
	       (instruction->writes & REGISTER_BIT(REGISTER_EBP)) &&
	       (instruction->reads & REGISTER_BIT(REGISTER_ESP));
}

static bool loses_depth(const struct instruction *instruction)
{
	return instruction->kind != KIND_PLAIN ||
	       ((instruction->writes & REGISTER_BIT(REGISTER_ESP)) && !instruction->stack_known);
}

/*
 * Whether the function looks at its return address, as far as this can be seen: above its frame
 * pointer, or above its stack before the first call or target.
 */
static bool uses_return_address(const struct analysis *analysis, const struct function *function)
{
	struct walk walk = { .word = object_word(analysis->object), .straight = true };

	for (size_t index = 0; index < function->count; index++) {
		const struct instruction *instruction = &function->code[index];

		if (index && (analysis->marks[function->section][instruction->offset] &
			      (MARK_BRANCH | MARK_LABEL)))
			walk.straight = false;
		if (touches_return_address(&walk, instruction))
			return true;
		walk.framed |= sets_frame(&walk, instruction);
		if (loses_depth(instruction))
			walk.straight = false;
		walk.depth += instruction->stack_growth;
	}
	return false;
}

/* --- ways out --- */

bool plan_leaves(const struct function *function, const struct instruction *instruction)
{
	switch (instruction->kind) {
	case KIND_RETURN:
		return true;
	case KIND_JUMP:
	case KIND_BRANCH:
	case KIND_LOOP:
		return !function_contains(function, &instruction->target) ||
		       (instruction->symbolic && instruction->target.section == function->section &&
			instruction->target.offset == function->start);
	default:
		return false;
	}
}

/* Whether a jump with a 32-bit displacement can simply lead to the stub instead. */
static bool is_retargetable(const struct instruction *instruction)
{
	return (instruction->kind == KIND_JUMP && instruction->length == JUMP_SIZE) ||
	       (instruction->kind == KIND_BRANCH && instruction->length == JUMP_SIZE + 1);
}

/* Whether it moves to the stub with the function's first bytes. */
static bool is_in_entry(const struct plan *plan, const struct function *piece,
			const struct instruction *instruction)
{
	return piece == plan->function && instruction->offset >= plan->entry.start &&
	       instruction->offset < plan->entry.end;
}

/* Why a way out cannot be followed, wherever room is made for it; or null. */
static const char *refuse_leave(const struct analysis *analysis,
				const struct instruction *instruction, bool in_entry)
{
	const struct place *target = &instruction->target;

	if (instruction->kind == KIND_LOOP ||
	    (instruction->kind == KIND_BRANCH && (in_entry || !is_retargetable(instruction))))
		return "a short conditional jump leads out of it";
	if (instruction_has_target(instruction) &&
	    !(analysis_marks(analysis, target->section, target->offset, target->offset + 1) &
	      MARK_START))
		return "it jumps into the middle of other code";
	return NULL;
}

/* Makes room for the jump of a way out: of five bytes, or else of two to an island nearby. What is
 * switched on and off has one jump for each site. */
static const char *make_room(struct analysis *analysis, struct plan *plan,
			     const struct plan_wishes *wishes, size_t index,
			     struct leave_point *leave)
{
	const struct function *piece = leave->site.piece;
	const char *reason = site_find_leave(analysis, piece, index, plan, JUMP_SIZE, &leave->site);

	if (!reason || wishes->switched ||
	    site_find_leave(analysis, piece, index, plan, SHORT_JUMP_SIZE, &leave->site) ||
	    !site_find_island(analysis, plan, &leave->site, &leave->island))
		return reason;
	leave->near = true;
	analysis_claim(analysis, piece->section, leave->island, leave->island + JUMP_SIZE);
	return NULL;
}

static const char *add_leave(struct analysis *analysis, struct plan *plan,
			     const struct function *piece, size_t index,
			     const struct plan_wishes *wishes)
{
	const struct instruction *instruction = &piece->code[index];
	struct leave_point leave = { .site = { piece, instruction->offset,
					       instruction_end(instruction), index, 1 },
				     .in_entry = is_in_entry(plan, piece, instruction) };
	const char *reason = refuse_leave(analysis, instruction, leave.in_entry);

	if (!reason && !leave.in_entry && !is_retargetable(instruction))
		reason = make_room(analysis, plan, wishes, index, &leave);
	if (reason)
		return reason;
	plan->leaves = memory_grow(plan->leaves, plan->leave_count, sizeof(*plan->leaves));
	plan->leaves[plan->leave_count++] = leave;
	return NULL;
}

static const char *plan_piece_leaves(struct analysis *analysis, struct plan *plan,
				     const struct function *piece, const struct plan_wishes *wishes)
{
	const char *reason = NULL;

	for (size_t index = 0; index < piece->count && !reason; index++) {
		const struct instruction *instruction = &piece->code[index];
		bool leaves = plan_leaves(plan->function, instruction);

		if (instruction->kind == KIND_JUMP_INDIRECT) {
			enum jump_by by = classify_jump(analysis, plan->function, piece, index);

			if (by == JUMP_BY_UNKNOWN)
				return "an indirect jump may stay inside it or leave it";
			leaves = by == JUMP_BY_POINTER;
		}
		if (leaves)
			reason = add_leave(analysis, plan, piece, index, wishes);
	}
	return reason;
}

/* --- the whole --- */

/* Plans the ways out. Returns why they cannot be left in the wanted manner, or null. */
static const char *plan_as_wished(struct analysis *analysis, struct plan *plan,
				  const struct plan_wishes *wishes)
{
	const struct function *function = plan->function;
	const char *reason = NULL;

	if (plan->strategy == STRATEGY_THESIS && !analysis->compiled)
		return "no compiler made it, so it may return flags";
	if (plan->strategy == STRATEGY_STATIC && wishes->leaves) {
		reason = plan_piece_leaves(analysis, plan, function, wishes);
		if (!reason && function->cold)
			reason = plan_piece_leaves(analysis, plan, function->cold, wishes);
	}
	return reason;
}

/* Why the function cannot be instrumented as it is planned by now, or null. */
static const char *refuse_stub(const struct analysis *analysis, const struct plan *plan)
{
	const struct function *function = plan->function;

	if (plan->strategy != STRATEGY_STATIC && uses_return_address(analysis, function))
		return "it uses its return address";
	if (plan->strategy != STRATEGY_STATIC && analysis->switches_stacks)
		return "its object switches stacks (swapcontext), of which frames know nothing";
	if (plan->strategy == STRATEGY_PAIRED &&
	    (liveness_is_shared(function, REGISTER_EBX) ||
	     (!analysis->compiled && !liveness_keeps(function, REGISTER_EBX))))
		return "it has ebx in common with its callers";
	return NULL;
}

/* Whether a call may be under way that returns to the middle of the patch. */
static bool is_returned_to(const struct plan *plan)
{
	const struct site *site = &plan->entry;

	for (size_t index = 0; index + 1 < site->count; index++) {
		unsigned kind = site->piece->code[site->first + index].kind;

		if (kind == KIND_CALL || kind == KIND_CALL_INDIRECT)
			return true;
	}
	return false;
}

static void plan_leaving(struct analysis *analysis, struct plan *plan,
			 const struct plan_wishes *wishes)
{
	const struct site entry = plan->entry;
	const char *reason = plan_as_wished(analysis, plan, wishes);

	if (reason && wishes->fall_back) {
		plan->fell_back = reason;
		plan->strategy = STRATEGY_PAIRED;
		plan->entry = entry;
		plan->leave_count = 0;
		reason = NULL;
	}
	plan->refusal = reason ? reason : refuse_stub(analysis, plan);
	if (!plan->refusal && wishes->switched && is_returned_to(plan))
		plan->refusal = "a call returns to where it would be switched on";
}

static void claim(struct analysis *analysis, const struct site *site)
{
	analysis_claim(analysis, site->piece->section, site->start, site->end);
}

struct plan plan_function(struct analysis *analysis, struct function *function,
			  const struct plan_wishes *wishes)
{
	struct plan plan = { .function = function,
			     .strategy = wishes->strategy,
			     .entry_size = wishes->entry_size };

	plan.refusal = check_section(analysis, function);
	if (!plan.refusal)
		plan.refusal = function->unusable;
	if (!plan.refusal)
		plan.refusal = site_find_entry(analysis, function, wishes->entry_size, &plan.entry);
	if (!plan.refusal)
		plan.refusal = check_function(analysis, function, plan.entry.start);
	if (!plan.refusal)
		plan_leaving(analysis, &plan, wishes);
	if (plan.refusal)
		return plan;
	claim(analysis, &plan.entry);
	for (size_t index = 0; index < plan.leave_count; index++)
		claim(analysis, &plan.leaves[index].site);
	return plan;
}
