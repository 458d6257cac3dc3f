/*
 * The uniprocessor kernel's way in and out while the event log has them (kernel/debug/trace.h):
 * arch/ia32/entry.S with an event at each end. What is logged, and the account, are C's to do.
 */
#include "kernel/debug/lock_order.inc"

#define TRAP_ENTRIES       trap_entries_traced
#define INTERRUPT_DISPATCH trace_interrupt
#define TRAP_FROM_KERNEL   trace_trap_from_kernel

.macro KERNEL_ENTER vector
	pushl	%eax
	movl	$\vector, %eax
	call	trace_kernel_enter
	popl	%eax
.endm

.macro KERNEL_LEAVE
	LOCK_ORDER lock_order_leave
	pushl	%eax
	pushl	%ecx
	pushl	%edx
	call	trace_kernel_leave
	popl	%edx
	popl	%ecx
	popl	%eax
.endm

#include "arch/ia32/entry.S"
