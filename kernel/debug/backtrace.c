/*
 * Walking the chain of saved frame pointers (the kernel is built with -fno-omit-frame-pointer).
 */
#include "kernel/debug/backtrace.h"

#include <stdbool.h>
#include "arch/ia32/processors.h"
#include "kernel/debug/symbols.h"
#include "kernel/lib/print.h"

#define DEPTH_MAX 32

extern const char boot_stack[], boot_stack_top[];

/* Within this processor's kernel stack, or the boot processor's, on which all begins. */
static bool on_stack(uint32_t address)
{
	return (address >= (uint32_t)boot_stack && address < (uint32_t)boot_stack_top) ||
	       processors_stack_contains(address);
}

/* ebp points at the caller's ebp, the return address above it. */
struct stack_frame {
	uint32_t caller;
	uint32_t return_address;
};

void backtrace_print_address(uint32_t address)
{
	uint32_t offset;
	const char *name = symbol_of(address, &offset);

	kprintf("  %08x %s+0x%x\n", address, name ? name : "?", offset);
}

/* The entry code leaves other things in ebp than a frame: those end the walk. */
void backtrace_print(uint32_t frame_pointer)
{
	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		const struct stack_frame *frame = (const struct stack_frame *)frame_pointer;

		if (frame_pointer % sizeof(uint32_t) || !on_stack(frame_pointer) ||
		    !on_stack(frame_pointer + sizeof *frame - 1))
			return;
		if (!frame->return_address)
			return;
		backtrace_print_address(frame->return_address);
		frame_pointer = frame->caller;
	}
}
