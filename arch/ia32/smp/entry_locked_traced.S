/*
 * The giant lock's way into the kernel and back out while the event log has them
 * (kernel/debug/trace.h): as arch/ia32/smp/entry_locked.S, all of it in C.
 */
#include "kernel/smp/giant_lock.h"

#define TRAP_ENTRIES       trap_entries_locked_traced
#define INTERRUPT_DISPATCH trace_interrupt
#define TRAP_FROM_KERNEL   trace_trap_from_kernel

/* While it waited, the thread may have been ended by the processor that held the lock. */
.macro KERNEL_ENTER vector
	pushl	%eax
	movl	$\vector, %eax
	call	giant_lock_enter_traced
	popl	%eax
	movl	cpu_number, %ecx
	movl	%ecx, giant_lock + GIANT_LOCK_HOLDER
	cmpl	$0, current_thread
	je	exit_work
.endm

.macro KERNEL_LEAVE
	pushl	%eax
	pushl	%ecx
	pushl	%edx
	call	giant_lock_leave_traced
	popl	%edx
	popl	%ecx
	popl	%eax
.endm

#include "arch/ia32/entry.S"
