/*
 * The calling convention lets a function destroy eax, ecx and edx, and has it receive nothing in
 * them; but compilers deviate where they see both sides. GCC passes arguments of static functions
 * in them, and with -fipa-ra keeps values in them across calls of functions that it knows not to
 * change them. So a register counts as dead at entry only if no path reads it before writing it,
 * and as dead at all only if the function itself changes it: then no caller can have kept a value
 * there. On x86-64 it is the same, with more registers.
 */
#include "liveness.h"
#include "memory.h"

enum { NO_SAVED_REGISTER = -1 };

/* push %ebx, or mov %ebx to the stack: what keeps a caller's value. */
static bool is_save(const struct instruction *instruction, unsigned number)
{
	if (instruction->pushed)
		return instruction->pushed == number + 1;
	return instruction->kind == KIND_PLAIN && instruction->writes == 0 &&
	       !instruction->sets_flags && (instruction->reads & REGISTER_BIT(number)) &&
	       (instruction->memory_base == REGISTER_ESP + 1 ||
		instruction->memory_base == REGISTER_EBP + 1);
}

/* What is live after the instruction, given what is live before each instruction. */
static uint16_t live_after(const struct function *function, const uint16_t *before, size_t index)
{
	const struct instruction *instruction = &function->code[index];
	const struct instruction *target = NULL;
	uint16_t live = 0;

	if (!instruction_ends_block(instruction))
		live = index + 1 < function->count ? before[index + 1] : ALL_REGISTERS;
	if (instruction->kind == KIND_RETURN || instruction->kind == KIND_JUMP_INDIRECT)
		return ALL_REGISTERS;
	if (instruction->kind != KIND_JUMP && instruction->kind != KIND_BRANCH &&
	    instruction->kind != KIND_LOOP)
		return live;
	if (instruction->target.section == function->section)
		target = function_instruction_at(function, instruction->target.offset);
	return live | (target ? before[target - function->code] : ALL_REGISTERS);
}

/* Calls may pass arguments in any register. */
static uint16_t live_before(const struct function *function, const uint16_t *before, size_t index)
{
	const struct instruction *instruction = &function->code[index];
	uint16_t live = live_after(function, before, index);

	if (instruction->kind == KIND_CALL && instruction->thunk)
		return (live & ~instruction->kills) | instruction->reads;
	if (instruction->kind == KIND_CALL || instruction->kind == KIND_CALL_INDIRECT)
		return ALL_REGISTERS;
	return (live & ~instruction->kills) | instruction->reads;
}

/* What is live before the instruction of a register that is to be `saved`: it counts neither where
 * it is put away nor where it goes back to the caller. */
static uint16_t saved_before(const struct function *function, const uint16_t *before, size_t index,
			     int saved)
{
	const struct instruction *instruction = &function->code[index];
	uint16_t live = live_before(function, before, index);

	if (saved == NO_SAVED_REGISTER)
		return live;
	if (instruction->kind == KIND_RETURN)
		return live & ~REGISTER_BIT(saved);
	if (!is_save(instruction, saved))
		return live;
	return (live & ~REGISTER_BIT(saved)) |
	       (live_after(function, before, index) & REGISTER_BIT(saved));
}

/* What is live before each instruction. */
static uint16_t *live_registers(const struct function *function, int saved)
{
	uint16_t *before = memory_new(function->count, sizeof(*before));
	bool changed = function->count > 0;

	while (changed) {
		changed = false;
		for (size_t index = function->count; index-- > 0;) {
			uint16_t live = saved_before(function, before, index, saved);

			changed |= live != before[index];
			before[index] = live;
		}
	}
	return before;
}

static uint16_t live_at_entry(const struct function *function, int saved)
{
	return function->count ? live_registers(function, saved)[0] : ALL_REGISTERS;
}

/* What the function changes, without what it saves and restores. */
static unsigned changed_registers(const struct function *function)
{
	unsigned written = 0, pushed = 0, popped = 0;

	for (size_t index = 0; index < function->count; index++) {
		const struct instruction *instruction = &function->code[index];

		written |= instruction->writes;
		if (instruction->pushed)
			pushed |= REGISTER_BIT(instruction->pushed - 1);
		if (instruction->popped)
			popped |= REGISTER_BIT(instruction->popped - 1);
	}
	return written & ~(pushed & popped);
}

bool liveness_is_shared(const struct function *function, unsigned number)
{
	for (size_t index = 0; index < function->count; index++) {
		const struct instruction *instruction = &function->code[index];

		if (is_save(instruction, number))
			return false;
		if ((instruction->reads | instruction->writes) & REGISTER_BIT(number))
			return true;
	}
	return false;
}

bool liveness_receives(const struct function *function, unsigned number)
{
	return live_at_entry(function, number) & REGISTER_BIT(number);
}

/* How many registers the function saves before all else. */
static size_t count_saves(const struct function *function, size_t first)
{
	size_t index = first;

	while (index < function->count && function->code[index].pushed)
		index++;
	return index - first;
}

static bool leaves(const struct function *function, const struct instruction *instruction)
{
	switch (instruction->kind) {
	case KIND_RETURN:
	case KIND_JUMP_INDIRECT:
		return true;
	case KIND_JUMP:
	case KIND_BRANCH:
	case KIND_LOOP:
		return !function_contains(function, &instruction->target);
	default:
		return false;
	}
}

/* Whether a branch of the function leads behind the instruction `from`, up to `to`. */
static bool is_entered(const struct function *function, size_t from, size_t to)
{
	for (size_t index = 0; index < function->count; index++) {
		const struct place *target = &function->code[index].target;

		if (target->section == function->section &&
		    target->offset > function->code[from].offset &&
		    target->offset <= function->code[to].offset)
			return true;
	}
	return false;
}

/* Whether the way out at `index` comes behind the pops that undo the pushes from `first` on. */
static bool restores(const struct function *function, size_t index, size_t first, size_t saves)
{
	for (size_t save = 0; save < saves; save++) {
		if (index < first + saves + save + 1 ||
		    function->code[index - save - 1].popped != function->code[first + save].pushed)
			return false;
	}
	return !is_entered(function, index - saves, index);
}

static bool mentions(const struct function *function, unsigned number)
{
	for (size_t index = 0; index < function->count; index++) {
		if ((function->code[index].reads | function->code[index].writes) &
		    REGISTER_BIT(number))
			return true;
	}
	return function->cold && mentions(function->cold, number);
}

/* Pops elsewhere than before ways out take something else off the stack. */
static size_t count_pops(const struct function *function, unsigned number)
{
	size_t pops = 0;

	for (size_t index = 0; index < function->count; index++)
		pops += function->code[index].popped == number + 1;
	return pops;
}

static bool pushes(const struct function *function, size_t first, size_t saves, unsigned number)
{
	for (size_t save = 0; save < saves; save++) {
		if (function->code[first + save].pushed == number + 1)
			return true;
	}
	return false;
}

bool liveness_keeps(const struct function *function, unsigned number)
{
	size_t first = function->count && function->code[0].landing_pad;
	size_t saves = count_saves(function, first), exits = 0;

	if (!mentions(function, number))
		return true;
	if (function->cold || !pushes(function, first, saves, number))
		return false;
	for (size_t index = 0; index < function->count; index++) {
		if (!leaves(function, &function->code[index]))
			continue;
		exits++;
		if (!restores(function, index, first, saves))
			return false;
	}
	return count_pops(function, number) == exits && !liveness_receives(function, number);
}

static unsigned scratch_registers(const struct analysis *analysis)
{
	return analysis->object->wide ? WIDE_SCRATCH_REGISTERS : SCRATCH_REGISTERS;
}

/* What is pushed has its caller's value on the stack, and is the function's own from then on. */
int liveness_find_scratch(const struct analysis *analysis, const struct function *function,
			  size_t first, size_t count, size_t *at)
{
	unsigned own = scratch_registers(analysis) & changed_registers(function);
	const uint16_t *before = live_registers(function, NO_SAVED_REGISTER);

	for (size_t index = 0; analysis->compiled && first + index < function->count; index++) {
		const struct instruction *instruction = &function->code[first + index];
		int scratch = payload_scratch(own & ~before[first + index]);

		*at = index;
		if (scratch != NO_REGISTER)
			return scratch;
		if (index == count || !instruction->pushed)
			break;
		own |= REGISTER_BIT(instruction->pushed - 1);
	}
	*at = 0;
	return NO_REGISTER;
}

unsigned liveness_dead_at_return(const struct analysis *analysis, const struct function *function)
{
	if (!analysis->compiled)
		return 0;
	return scratch_registers(analysis) &
	       ~(REGISTER_BIT(REGISTER_EAX) | REGISTER_BIT(REGISTER_EDX)) &
	       changed_registers(function);
}

/* The function that starts at the place, or null. */
static const struct function *function_at(const struct analysis *analysis,
					  const struct place *place)
{
	size_t low = 0, high = analysis->function_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct function *function = &analysis->functions[middle];

		if (function->section < place->section ||
		    (function->section == place->section && function->start < place->offset))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == analysis->function_count || analysis->functions[low].section != place->section ||
	    analysis->functions[low].start != place->offset || analysis->functions[low].unusable)
		return NULL;
	return &analysis->functions[low];
}

/*
 * The other function receives nothing in a register that it does not read first, and callers of
 * this one know what it changes. Of another object's function nothing is known.
 */
unsigned liveness_dead_at_tail_call(const struct analysis *analysis,
				    const struct function *function, const struct instruction *jump)
{
	const struct symbol *symbol = &analysis->object->symbols[jump->target.symbol];
	bool symbolic = jump->symbolic && ELF32_ST_BIND(symbol->elf.st_info) != STB_LOCAL;
	const struct function *other;

	if (!analysis->compiled || (jump->kind != KIND_JUMP && jump->kind != KIND_BRANCH))
		return 0;
	if (symbolic && ELF32_ST_BIND(symbol->elf.st_info) != STB_GLOBAL)
		return 0;
	other = function_at(analysis, &jump->target);
	if (!other)
		return 0;
	return scratch_registers(analysis) & ~live_at_entry(other, NO_SAVED_REGISTER) &
	       changed_registers(function);
}
