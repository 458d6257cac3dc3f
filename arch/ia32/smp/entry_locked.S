/*
 * The giant lock's way into the kernel and back out (Section 3.3.1): arch/ia32/entry.S with the lock
 * taken on entry and released on exit. A ticket lock (kernel/smp/giant_lock.h): taking it when it is
 * free is one locked instruction, releasing it an increment.
 */
#include "kernel/debug/lock_order.inc"
#include "kernel/smp/giant_lock.h"

#define TRAP_ENTRIES trap_entries_locked

/*
 * On the kernel stack, user registers saved but still in place, interrupts off: eax, ebx, esi, edi and
 * ebp must survive. While it waited, the thread may have been ended by the processor that held the lock.
 */
.macro KERNEL_ENTER vector
	cmpb	$0, account_running
	jne	71f
	movl	$1, %ecx
	lock xaddl %ecx, giant_lock + GIANT_LOCK_NEXT
	cmpl	%ecx, giant_lock + GIANT_LOCK_SERVING
	jne	72f
70:	movl	cpu_number, %ecx
	movl	%ecx, giant_lock + GIANT_LOCK_HOLDER
	LOCK_ORDER lock_order_acquire, $giant_lock_class, $giant_lock
	cmpl	$0, current_thread
	je	exit_work
	.subsection 1
71:	pushl	%eax
	call	giant_lock_enter_accounted
	popl	%eax
	jmp	70b
72:	pushl	%eax
	movl	%ecx, %eax
	call	giant_lock_wait
	popl	%eax
	jmp	70b
	.previous
.endm

/* On the kernel stack, interrupts off; all registers but the flags must survive. */
.macro KERNEL_LEAVE
	LOCK_ORDER lock_order_leave, $giant_lock_class, $giant_lock
	movl	$GIANT_LOCK_NOBODY, giant_lock + GIANT_LOCK_HOLDER
	lock incl giant_lock + GIANT_LOCK_SERVING	/* locked: `halted` is read after it */
	cmpl	$0, giant_lock + GIANT_LOCK_HALTED
	jne	74f
73:
	.subsection 1
74:	pushl	%eax
	pushl	%ecx
	pushl	%edx
	call	giant_lock_kick
	popl	%edx
	popl	%ecx
	popl	%eax
	jmp	73b
	.previous
.endm

#include "arch/ia32/entry.S"
