/*
 * A function that is instrumented starts with a jump to its stub. Who calls it in the same object
 * can as well go to the stub: the instruction is the same, and its return address, too. What calls
 * from elsewhere, or by pointer, still goes by the function's own address.
 */
#include "callers.h"
#include "memory.h"

enum { DISPLACEMENT_SIZE = 4, BRANCH_PREFIX = 0x0f };

struct callers {
	const struct instrumentation *instrumentation;
	struct object *object;
	enum home home;
	struct relocation *new; /* of the section at hand, by offset */
	size_t new_count;
};

/* The plan of the function that starts at the place, if it has a stub to be called; or null. */
static const struct plan *plan_at(const struct instrumentation *instrumentation,
				  const struct place *place)
{
	size_t low = 0, high = instrumentation->plan_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct function *function = instrumentation->plans[middle].function;

		if (function->section < place->section ||
		    (function->section == place->section && function->start < place->offset))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == instrumentation->plan_count)
		return NULL;
	if (instrumentation->plans[low].function->section != place->section ||
	    instrumentation->plans[low].function->start != place->offset ||
	    !instrumentation->plans[low].stub.section)
		return NULL;
	return &instrumentation->plans[low];
}

/* Whether another definition may take this one's place when the program is linked or loaded. */
static bool may_be_replaced(const struct callers *callers, const struct symbol *symbol)
{
	unsigned visibility = ELF32_ST_VISIBILITY(symbol->elf.st_other);

	if (ELF32_ST_BIND(symbol->elf.st_info) == STB_LOCAL)
		return false;
	if (ELF32_ST_BIND(symbol->elf.st_info) != STB_GLOBAL)
		return true;
	return callers->home == HOME_SHARED && visibility != STV_HIDDEN &&
	       visibility != STV_INTERNAL;
}

/* What is in a group of its own may be dropped, and another object's be kept. */
static bool is_kept_apart(const struct callers *callers, unsigned from, unsigned to)
{
	const struct section *sections = callers->object->sections;

	return sections[to].group && sections[to].group != sections[from].group;
}

/* The stub to which the displacement at `field` of `section` may lead instead, or null. */
static const struct place *stub_for(const struct callers *callers, unsigned section,
				    const struct relocation *relocation, const struct place *target)
{
	const struct plan *plan = plan_at(callers->instrumentation, target);

	if (!plan || is_kept_apart(callers, section, target->section))
		return NULL;
	if (relocation && may_be_replaced(callers, &callers->object->symbols[relocation->symbol]))
		return NULL;
	return &plan->stub;
}

/* Makes the displacement lead to the stub. The assembler knew it if there is no relocation. */
static void redirect(struct callers *callers, unsigned section, uint32_t field,
		     struct relocation *relocation, const struct place *stub)
{
	struct relocation new = { field, stub->symbol, R_386_PC32,
				  stub->offset - DISPLACEMENT_SIZE };

	bytes_put32(callers->object->sections[section].bytes + field, new.addend);
	if (relocation) {
		*relocation = new;
		return;
	}
	callers->new = memory_grow(callers->new, callers->new_count, sizeof(new));
	callers->new[callers->new_count++] = new;
}

static bool has_wide_displacement(const struct instruction *instruction)
{
	switch (instruction->kind) {
	case KIND_CALL:
	case KIND_JUMP:
		return instruction->length == JUMP_SIZE;
	case KIND_BRANCH:
		return instruction->length == JUMP_SIZE + 1;
	default:
		return false;
	}
}

/* What a patch has overwritten, or wanted to, stays. */
static bool is_claimed(const struct analysis *analysis, const struct function *piece,
		       const struct instruction *instruction)
{
	return analysis_marks(analysis, piece->section, instruction->offset,
			      instruction_end(instruction)) &
	       (MARK_CLAIMED | MARK_PATCHED);
}

static void redirect_piece(struct callers *callers, const struct function *piece)
{
	const struct analysis *analysis = callers->instrumentation->analysis;

	for (size_t index = 0; index < piece->count && !piece->unusable; index++) {
		const struct instruction *instruction = &piece->code[index];
		uint32_t field = instruction_end(instruction) - DISPLACEMENT_SIZE;
		struct relocation *relocation;
		const struct place *stub;

		if (!has_wide_displacement(instruction) || !instruction->target.section ||
		    is_claimed(analysis, piece, instruction))
			continue;
		relocation = object_relocation_in(callers->object, piece->section, field,
						  field + DISPLACEMENT_SIZE);
		stub = stub_for(callers, piece->section, relocation, &instruction->target);
		if (stub)
			redirect(callers, piece->section, field, relocation, stub);
	}
}

/* Whether the word is the displacement of a call, jump or branch, and not of an operand: the byte
 * before that would name registers, as these do not. */
static bool is_of_control(const struct section *code, uint32_t field)
{
	if (field < 2)
		return false;
	return code->bytes[field - 1] == CALL_OPCODE || code->bytes[field - 1] == JUMP_OPCODE ||
	       (code->bytes[field - 2] == BRANCH_PREFIX && code->bytes[field - 1] >> 4 == 8);
}

/* Stubs' own jumps, to functions that are called last. */
static void redirect_stubs(struct callers *callers, unsigned section)
{
	struct section *code = &callers->object->sections[section];

	for (size_t index = 0; index < code->relocation_count; index++) {
		struct relocation *relocation = &code->relocations[index];
		const struct place *stub;
		struct place target;

		if (!relocation_is_distance(relocation) ||
		    !is_of_control(code, relocation->offset) ||
		    !object_resolve(callers->object, relocation, DISPLACEMENT_SIZE, &target))
			continue;
		stub = stub_for(callers, section, relocation, &target);
		if (stub)
			redirect(callers, section, relocation->offset, relocation, stub);
	}
}

static void redirect_section(struct callers *callers, size_t first, size_t end)
{
	const struct analysis *analysis = callers->instrumentation->analysis;

	callers->new_count = 0;
	for (size_t index = first; index < end; index++)
		redirect_piece(callers, &analysis->functions[index]);
	object_merge_relocations(callers->object, analysis->functions[first].section, callers->new,
				 callers->new_count);
}

void callers_redirect(const struct instrumentation *instrumentation, enum home home)
{
	const struct analysis *analysis = instrumentation->analysis;
	struct callers callers = { instrumentation, analysis->object, home, NULL, 0 };
	unsigned stubs = 0;

	for (size_t first = 0, end = 1; first < analysis->function_count; end++) {
		if (end < analysis->function_count &&
		    analysis->functions[end].section == analysis->functions[first].section)
			continue;
		redirect_section(&callers, first, end);
		first = end;
	}
	for (size_t index = 0; index < instrumentation->plan_count; index++) {
		unsigned section = instrumentation->plans[index].stub.section;

		if (section && section != stubs)
			redirect_stubs(&callers, section);
		stubs = section ? section : stubs;
	}
}
