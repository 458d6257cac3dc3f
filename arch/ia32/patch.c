/*
 * Replacing the instructions, before any other processor runs and before anything depends on them.
 */
#include "arch/ia32/patch.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/processor.h"
#include "kernel/debug/trace.h"
#include "kernel/lib/string.h"

#define INSTRUCTION_JUMP 0xe9 /* by 32 bits, from behind it */

/* A place in user_access.S that holds a 3-byte no-operation, and the instruction to put there. */
struct smap_patch {
	uint8_t *place;
	const uint8_t *instruction;
};

extern const struct smap_patch smap_patches_start[], smap_patches_end[];
extern const struct trace_patch trace_patches_start[], trace_patches_end[];

void patch_jump(const struct patch_jump *jump)
{
	uint8_t *const place = jump->place;
	const uint32_t distance = (uint32_t)jump->target - (uint32_t)place - PATCH_JUMP_SIZE;

	place[0] = INSTRUCTION_JUMP;
	memcpy(place + 1, &distance, sizeof distance);
}

#ifdef CASTLE_SMP
#include "kernel/lock/lock.h"

#define INSTRUCTION_LOCK 0xf0

extern const struct lock_patch lock_patches_start[], lock_patches_end[];
extern const struct lock_pointer lock_pointers_start[], lock_pointers_end[];
extern uint8_t *const lock_prefixes_start[], *const lock_prefixes_end[];

/* What organisations with locks of their own take (kernel/smp/lock.h). */
static void locks_apply(void)
{
	for (const struct lock_patch *patch = lock_patches_start; patch < lock_patches_end; patch++)
		if (lock_domains_used & patch->domains && !(lock_domains_used & patch->unless))
			patch_jump(&patch->jump);
	for (const struct lock_pointer *pointer = lock_pointers_start; pointer < lock_pointers_end;
	     pointer++)
		if (lock_domains_used & pointer->domains)
			memcpy((void *)pointer->place, &pointer->value, sizeof pointer->value);
	if (lock_domains_used)
		for (uint8_t *const *prefix = lock_prefixes_start; prefix < lock_prefixes_end;
		     prefix++)
			**prefix = INSTRUCTION_LOCK;
}
#else
static void locks_apply(void)
{
}
#endif

/* Kernel text is read-only by now: write protection is lifted for the moment. */
void patch_apply(void)
{
	cr0_write(cr0_read() & ~CR0_WP);
	if (processor_has(PROCESSOR_SMAP))
		for (const struct smap_patch *patch = smap_patches_start; patch < smap_patches_end;
		     patch++)
			memcpy(patch->place, patch->instruction, 3);
	for (const struct trace_patch *patch = trace_patches_start; patch < trace_patches_end;
	     patch++)
		if (trace_groups & patch->groups)
			patch_jump(&patch->jump);
	locks_apply();
	cr0_write(cr0_read() | CR0_WP);
}
