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

static uint16_t live_at_entry(const struct function *function)
{
	uint16_t *before = memory_new(function->count, sizeof(*before));
	bool changed = function->count > 0;

	while (changed) {
		changed = false;
		for (size_t index = function->count; index-- > 0;) {
			uint16_t live = live_before(function, before, index);

			changed |= live != before[index];
			before[index] = live;
		}
	}
	return function->count ? before[0] : ALL_REGISTERS;
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

static unsigned scratch_registers(const struct analysis *analysis)
{
	return analysis->object->wide ? WIDE_SCRATCH_REGISTERS : SCRATCH_REGISTERS;
}

unsigned liveness_dead_at_entry(const struct analysis *analysis, const struct function *function)
{
	if (!analysis->compiled)
		return 0;
	return scratch_registers(analysis) & changed_registers(function) & ~live_at_entry(function);
}

unsigned liveness_dead_at_return(const struct analysis *analysis, const struct function *function)
{
	if (!analysis->compiled)
		return 0;
	return scratch_registers(analysis) &
	       ~(REGISTER_BIT(REGISTER_EAX) | REGISTER_BIT(REGISTER_EDX)) &
	       changed_registers(function);
}
