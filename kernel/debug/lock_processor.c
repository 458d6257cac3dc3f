/*
 * Interrupts and stacks, for the lock-order checker (the kernel is built with frame pointers).
 */
#include "kernel/debug/lock_processor.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/smp/slot.h"
#include "kernel/lib/options.h"
#include "kernel/organisation/organisation.h"

extern const char boot_stack[], boot_stack_top[];

static bool in_slot(uint32_t address)
{
	return address >= CPU_LOCAL_STACK && address < CPU_LOCAL_STACK_TOP;
}

/*
 * The kernel's CPU-local variables do not exist on application processors, which are known by where
 * their stack is: a kernel without further processors of its own has none there.
 */
struct held_locks *lock_held_here(void)
{
	const struct organisation *organisation = kernel_options.organisation;

	if (organisation->processors != ORGANISATION_ALL &&
	    in_slot((uint32_t)__builtin_frame_address(0)))
		return (struct held_locks *)CPU_LOCAL_APPKERN;
	return &held_locks;
}

bool lock_is_application(const struct held_locks *held)
{
	return held == (const struct held_locks *)CPU_LOCAL_APPKERN;
}

bool lock_interrupts_off(void)
{
	return interrupts_save() & EFLAGS_IF;
}

void lock_interrupts_restore(bool were_on)
{
	if (were_on)
		interrupts_on();
}

/* The end of the kernel stack that the address is on; 0 if on none. Further processors of both
 * multiprocessor kernels have theirs in the CPU-local slot. */
static uint32_t stack_end(uint32_t address)
{
	if (address >= (uint32_t)boot_stack && address < (uint32_t)boot_stack_top)
		return (uint32_t)boot_stack_top;
	return in_slot(address) ? CPU_LOCAL_STACK_TOP : 0;
}

/* The entry code leaves a program's ebp: only what lies further up the same stack is a frame. */
void lock_trace_take(struct lock_trace *trace, uint32_t cpu, const void *frame_pointer)
{
	const uint32_t end = stack_end((uint32_t)frame_pointer);
	uint32_t frame = (uint32_t)frame_pointer, count = 0;

	trace->cpu = cpu;
	while (count < LOCK_TRACE_DEPTH && frame % sizeof(uint32_t) == 0 && frame < end &&
	       end - frame >= 2 * sizeof(uint32_t)) {
		const uint32_t *words =
			(const uint32_t *)frame; /* caller's frame, return address */
		if (!words[1])
			break;
		trace->addresses[count++] = words[1];
		if (words[0] <= frame)
			break;
		frame = words[0];
	}
	if (count < LOCK_TRACE_DEPTH)
		trace->addresses[count] = 0;
}
