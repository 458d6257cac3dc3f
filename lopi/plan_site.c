/*
 * A patch needs five bytes or more, and x86 instructions are shorter. So the instructions around
 * the patch move to a stub. They can if nothing leads to one of them other than the first, and if
 * they do the same elsewhere.
 */
#include "plan_site.h"

#include <string.h>

enum { TARGETS = MARK_START | MARK_BRANCH | MARK_LABEL };

static bool is_linked_wide(const struct object *object, const struct relocation *relocation)
{
	switch (relocation->type) {
	case R_X86_64_TLSGD:
	case R_X86_64_TLSLD:
	case R_X86_64_GOTPC32_TLSDESC:
	case R_X86_64_TLSDESC_CALL:
		return true;
	default:
		return strcmp(object->symbols[relocation->symbol].name, "__tls_get_addr") == 0;
	}
}

/* Sequences that linkers recognise and replace as a whole must stay in one piece. */
static bool is_linked_as_sequence(const struct object *object, unsigned section,
				  const struct instruction *instruction)
{
	const struct relocation *relocation = object_relocation_in(
		object, section, instruction->offset, instruction_end(instruction));

	if (!relocation)
		return false;
	if (object->wide)
		return is_linked_wide(object, relocation);
	switch (relocation->type) {
	case R_386_TLS_GD:
	case R_386_TLS_LDM:
	case R_386_TLS_GD_32:
	case R_386_TLS_LDM_32:
	case R_386_TLS_GOTDESC:
	case R_386_TLS_DESC_CALL:
		return true;
	default:
		return strcmp(object->symbols[relocation->symbol].name, "___tls_get_addr") == 0;
	}
}

/* Whether the relocation's value depends on where it is. */
static bool is_from_here(const struct object *object, const struct relocation *relocation)
{
	if (relocation_is_distance(relocation))
		return true;
	if (!object->wide)
		return relocation->type == R_386_GOTPC || relocation->type == R_386_PC16 ||
		       relocation->type == R_386_PC8;
	switch (relocation->type) {
	case R_X86_64_PC8:
	case R_X86_64_PC16:
	case R_X86_64_PC64:
	case R_X86_64_GOTPC32:
	case R_X86_64_GOTPC64:
	case R_X86_64_GOTPCREL64:
		return true;
	default:
		return false;
	}
}

/*
 * Whether the instruction has a distance from itself as a number: not as what it jumps to, nor as
 * what x86-64 addresses by it. It would be another number elsewhere.
 */
static bool has_own_distance(const struct object *object, unsigned section,
			     const struct instruction *instruction)
{
	uint32_t end = instruction_end(instruction), at = instruction->offset;
	const struct relocation *relocation;

	if (instruction->kind != KIND_PLAIN && instruction->kind != KIND_CALL_INDIRECT &&
	    instruction->kind != KIND_JUMP_INDIRECT)
		return false;
	while ((relocation = object_relocation_in(object, section, at, end))) {
		at = relocation->offset + 1;
		if (is_from_here(object, relocation) &&
		    (!instruction->address_field ||
		     relocation->offset != instruction->offset + instruction->address_field))
			return true;
	}
	return false;
}

/* IA-32's thunks and the addition of the distance to the global offset table move together. */
static bool adds_got_distance(const struct object *object, unsigned section,
			      const struct instruction *instruction)
{
	const struct relocation *relocation = object_relocation_in(
		object, section, instruction->offset, instruction_end(instruction));

	return !object->wide && relocation && relocation->type == R_386_GOTPC;
}

static bool is_profiling_call(const struct object *object, const struct instruction *instruction)
{
	const char *name = object->symbols[instruction->target.symbol].name;

	return !instruction_has_target(instruction) &&
	       (strcmp(name, "mcount") == 0 || strcmp(name, "_mcount") == 0 ||
		strcmp(name, "__fentry__") == 0);
}

/* A call to the next instruction, which pops its own address: how clang finds where it is. */
static bool is_call_of_next(const struct function *function, const struct instruction *instruction)
{
	return instruction->kind == KIND_CALL && instruction->target.section == function->section &&
	       instruction->target.offset == instruction_end(instruction);
}

/*
 * A call of what is neither the next instruction nor the function as a whole: over data, perhaps,
 * whose address the callee takes for its return address.
 */
static bool is_call_of_part(const struct function *function, const struct instruction *instruction)
{
	return instruction->kind == KIND_CALL && !is_call_of_next(function, instruction) &&
	       function_contains(function, &instruction->target) &&
	       (instruction->target.section != function->section ||
		instruction->target.offset != function->start);
}

/* A handler table says which calls of the function it covers; a call in a stub is not one of them.
 */
static const char *call_stays(const struct analysis *analysis, const struct function *function,
			      const struct instruction *instruction)
{
	if (instruction->kind != KIND_CALL && instruction->kind != KIND_CALL_INDIRECT)
		return NULL;
	if (instruction->kind == KIND_CALL && is_profiling_call(analysis->object, instruction))
		return "it is compiled for a profiler (-pg), whose call is in the way";
	if (function_handles(analysis, function) && !instruction->thunk &&
	    !is_call_of_next(function, instruction))
		return "it calls a function in its first bytes, and has handlers for exceptions";
	return NULL;
}

static const char *entry_keeps(const struct analysis *analysis, const struct function *function,
			       const struct site *site, const struct instruction *instruction)
{
	const struct object *object = analysis->object;

	if (instruction->kind == KIND_LOOP)
		return "it starts with a loop instruction, which reaches 127 bytes";
	if (object->wide && is_call_of_next(function, instruction))
		return "it asks for its own address in a way that is not known";
	if (is_linked_as_sequence(object, function->section, instruction))
		return "it starts with an access to thread-local data that the linker rewrites";
	if (has_own_distance(object, function->section, instruction) &&
	    (site->count == 0 || !instruction[-1].thunk ||
	     !adds_got_distance(object, function->section, instruction)))
		return "it starts with its distance from something else";
	if (is_call_of_part(function, instruction))
		return "it calls a part of itself in its first bytes";
	return call_stays(analysis, function, instruction);
}

/* Whether a branch leads to the instruction, other than that of a call of the next one. */
static bool is_target(const struct analysis *analysis, const struct function *function,
		      const struct instruction *instruction)
{
	uint32_t start = instruction->offset;
	unsigned marks = analysis_marks(analysis, function->section, start + 1,
					instruction_end(instruction));

	if (!is_call_of_next(function, instruction - 1))
		marks |= analysis->marks[function->section][start];
	return marks & (TARGETS | MARK_CLAIMED);
}

/*
 * How many bytes behind `end` are padding that a patch may take, up to `wanted`. The last bytes of
 * a section are as good as padding: it can grow.
 */
static uint32_t padding_after(const struct analysis *analysis, unsigned section, uint32_t end,
			      uint32_t wanted)
{
	const struct section *code = &analysis->object->sections[section];
	uint32_t offset = end;

	while (offset - end < wanted && offset < code->size) {
		struct instruction instruction;

		if (!instruction_decode(analysis->object, section, offset, code->size,
					&instruction) ||
		    !instruction.padding)
			break;
		offset += instruction.length;
	}
	if (offset >= code->size)
		offset = end + wanted;
	for (uint32_t taken = end; taken < offset && taken - end < wanted; taken++) {
		if (analysis->marks[section][taken] & (TARGETS | MARK_CLAIMED))
			return taken - end;
	}
	return offset - end < wanted ? offset - end : wanted;
}

static const char *start_of_entry(const struct function *function, struct site *site)
{
	*site = (struct site){ .piece = function, .start = function->start };
	if (function->count == 0)
		return "it has no code";
	if (function->code[0].landing_pad) {
		site->start += function->code[0].length;
		site->first = 1;
	}
	site->end = site->start;
	return NULL;
}

/* Adds instructions to the site until it is big enough, or control does not go on to the next one.
 */
static const char *add_instructions(const struct analysis *analysis,
				    const struct function *function, uint32_t size,
				    struct site *site)
{
	const struct instruction *last =
		site->count ? &function->code[site->first + site->count - 1] : NULL;

	while (site->end - site->start < size && !(last && instruction_ends_block(last))) {
		const struct instruction *next = &function->code[site->first + site->count];
		const char *reason;

		if (site->first + site->count == function->count)
			return "it is too short";
		if (last && is_target(analysis, function, next))
			return "a branch leads into its first bytes";
		if (analysis->marks[function->section][next->offset] & MARK_PATCHED)
			return "the kernel overwrites its first bytes itself";
		reason = entry_keeps(analysis, function, site, next);
		if (reason)
			return reason;
		site->count++;
		site->end = instruction_end(next);
		last = next;
	}
	return NULL;
}

/* The pop of a call of the next instruction goes with it. */
static const char *add_pop(const struct function *function, struct site *site)
{
	const struct instruction *last = &function->code[site->first + site->count - 1];

	if (!is_call_of_next(function, last))
		return NULL;
	if (site->first + site->count == function->count || !last[1].popped)
		return "it asks for its own address in a way that is not known";
	site->count++;
	site->end = instruction_end(&last[1]);
	return NULL;
}

static const char *add_padding(const struct analysis *analysis, const struct function *function,
			       uint32_t size, struct site *site)
{
	uint32_t wanted = size - (site->end - site->start);

	if (site->end - site->start >= size)
		return NULL;
	if (padding_after(analysis, function->section, site->end, wanted) < wanted)
		return "it is too short, and another function follows at once";
	site->end += wanted;
	return NULL;
}

const char *site_find_entry(const struct analysis *analysis, const struct function *function,
			    uint32_t size, struct site *site)
{
	const char *reason = start_of_entry(function, site);

	if (!reason)
		reason = add_instructions(analysis, function, size, site);
	if (!reason)
		reason = add_pop(function, site);
	if (!reason)
		reason = add_padding(analysis, function, size, site);
	return reason;
}

static bool overlaps(const struct site *site, const struct function *piece,
		     const struct instruction *instruction)
{
	return site->piece == piece && instruction->offset < site->end &&
	       instruction_end(instruction) > site->start;
}

static bool is_taken(const struct plan *plan, const struct function *piece,
		     const struct instruction *instruction)
{
	if (overlaps(&plan->entry, piece, instruction))
		return true;
	for (size_t index = 0; index < plan->leave_count; index++) {
		if (overlaps(&plan->leaves[index].site, piece, instruction))
			return true;
	}
	return false;
}

bool site_copies(const struct analysis *analysis, const struct function *piece,
		 const struct instruction *instruction)
{
	unsigned marks = analysis->marks[piece->section][instruction->offset];

	return !(marks & (MARK_PATCHED | MARK_LABEL)) && !instruction->landing_pad &&
	       !is_linked_as_sequence(analysis->object, piece->section, instruction) &&
	       !has_own_distance(analysis->object, piece->section, instruction);
}

/*
 * Whether the instruction before a way out can move with it. With tables of handlers about, only
 * what clears the stack does: a handler may start anywhere else.
 */
static bool leave_moves(const struct analysis *analysis, const struct function *piece,
			const struct plan *plan, const struct instruction *instruction)
{
	const struct object *object = analysis->object;

	return instruction->kind == KIND_PLAIN && !is_taken(plan, piece, instruction) &&
	       !(analysis->marks[piece->section][instruction->offset] & MARK_PATCHED) &&
	       !instruction->landing_pad && !is_target(analysis, piece, instruction + 1) &&
	       !is_linked_as_sequence(object, piece->section, instruction) &&
	       !has_own_distance(object, piece->section, instruction) &&
	       (!function_handles(analysis, plan->function) ||
		(instruction->writes & REGISTER_BIT(REGISTER_ESP)));
}

const char *site_find_leave(const struct analysis *analysis, const struct function *piece,
			    size_t index, const struct plan *plan, uint32_t size, struct site *site)
{
	const struct instruction *leave = &piece->code[index];
	uint32_t wanted;

	*site = (struct site){ piece, leave->offset, instruction_end(leave), index, 1 };
	if (is_taken(plan, piece, leave) ||
	    (analysis_marks(analysis, piece->section, site->start + 1, site->end) & TARGETS))
		return "two ways out share their bytes";
	while (site->end - site->start < size && site->first > 0 &&
	       leave_moves(analysis, piece, plan, &piece->code[site->first - 1])) {
		site->first--;
		site->count++;
		site->start = piece->code[site->first].offset;
	}
	if (site->end - site->start >= size)
		return NULL;
	wanted = size - (site->end - site->start);
	if (padding_after(analysis, piece->section, site->end, wanted) < wanted)
		return "a way out of it has no room for a jump";
	site->end += wanted;
	return NULL;
}

/* Whether a jump there would meet what the plan has already, other than as its whole. */
static bool is_free(const struct plan *plan, const struct function *piece, uint32_t start)
{
	const struct site *entry = &plan->entry;

	if (entry->piece->section == piece->section && start < entry->end &&
	    start + JUMP_SIZE > entry->start)
		return false;
	for (size_t index = 0; index < plan->leave_count; index++) {
		const struct site *site = &plan->leaves[index].site;

		if (site->piece->section == piece->section && start < site->end &&
		    start + JUMP_SIZE > site->start)
			return false;
	}
	return true;
}

/* Whether a short jump at the site's start reaches the place. */
static bool reaches(const struct site *site, uint32_t island)
{
	int32_t distance = (int32_t)(island - (site->start + SHORT_JUMP_SIZE));

	return distance >= INT8_MIN && distance <= INT8_MAX;
}

static bool find_padding(const struct analysis *analysis, const struct plan *plan,
			 const struct site *site, uint32_t *island)
{
	const struct function *piece = site->piece;

	for (size_t index = 0; index < piece->count; index++) {
		const struct instruction *last = &piece->code[index];
		uint32_t end = instruction_end(last);

		if (!instruction_ends_block(last) || !reaches(site, end) ||
		    (site->start < end + JUMP_SIZE && end < site->end))
			continue;
		if (is_free(plan, piece, end) &&
		    padding_after(analysis, piece->section, end, JUMP_SIZE) == JUMP_SIZE) {
			*island = end;
			return true;
		}
	}
	return false;
}

/* The islands that the entry's site has already, behind its own jump. */
static uint32_t count_islands(const struct plan *plan)
{
	uint32_t count = 0;

	for (size_t index = 0; index < plan->leave_count; index++)
		count += plan->leaves[index].near &&
			 plan->leaves[index].island >= plan->entry.start &&
			 plan->leaves[index].island < plan->entry.end;
	return count;
}

static bool meets_leave(const struct plan *plan, const struct site *one)
{
	for (size_t index = 0; index < plan->leave_count; index++) {
		const struct site *site = &plan->leaves[index].site;

		if (!plan->leaves[index].in_entry && site->piece == one->piece &&
		    site->start < one->end && site->end > one->start)
			return true;
	}
	return false;
}

static bool find_in_entry(const struct analysis *analysis, struct plan *plan,
			  const struct site *site, uint32_t *island)
{
	struct site entry = plan->entry;
	uint32_t before = JUMP_SIZE * (1 + count_islands(plan));
	const struct instruction *last = &entry.piece->code[entry.first + entry.count - 1];

	*island = entry.start + before;
	if (site->piece != entry.piece || !reaches(site, *island) || instruction_ends_block(last) ||
	    instruction_end(last) != entry.end ||
	    add_instructions(analysis, entry.piece, before + JUMP_SIZE, &entry) ||
	    add_pop(entry.piece, &entry) || entry.end - entry.start < before + JUMP_SIZE ||
	    meets_leave(plan, &entry) || (site->start < entry.end && site->end > entry.start))
		return false;
	plan->entry = entry;
	return true;
}

bool site_find_island(const struct analysis *analysis, struct plan *plan, const struct site *site,
		      uint32_t *island)
{
	return find_padding(analysis, plan, site, island) ||
	       find_in_entry(analysis, plan, site, island);
}
