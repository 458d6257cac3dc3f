/*
 * The way into the kernel and back out: exceptions, interrupts, int 0x80 and sysenter (Intel SDM
 * volume 3, sections 5.8.7 and 6.12).
 *
 * This file is assembled once for each way of entering the kernel, which differ in KERNEL_ENTER and
 * KERNEL_LEAVE and export one table each, TRAP_ENTRIES: the uniprocessor kernel's here, that of the
 * giant lock by arch/ia32/smp/entry_locked.S, and both again with the event log, entry_traced.S and
 * smp/entry_locked_traced.S. So no kernel pays for the lock of another, or for a log that is off.
 *
 * User registers are saved straight into the current thread: the TSS, and for sysenter the word that
 * its stack pointer names, hold the end of the thread's frame. The kernel stack is then taken from a
 * CPU-local pointer. Kernel functions take arguments in eax, edx and ecx (-mregparm=3).
 */
#include <castle/errno.h>
#include <castle/kernel_page.h>
#include "arch/ia32/frame.h"
#ifndef TRAP_ENTRIES
#define TRAP_ENTRIES trap_entries
#include "arch/ia32/kernel_entry.inc"
#endif
#ifndef INTERRUPT_DISPATCH
#define INTERRUPT_DISPATCH interrupt_dispatch
#define TRAP_FROM_KERNEL   trap_from_kernel
#endif
#include "arch/ia32/segments.h"
#include "arch/ia32/trap.h"
#include "kernel/interrupt/exit_work.h"
#include "kernel/sched/call_result.h"

	.text

/*
 * Puts the processor into the kernel's state after user registers are saved. User code may have
 * loaded any data segment and set any flag; the kernel runs on the user's own flat data segment, so
 * nothing needs restoring on the way out. The popf clears DF, NT, TF and AC (the last matters to SMAP).
 */
.macro KERNEL_STATE scratch
	movl	$SEGMENT_USER_DATA, \scratch
	movl	\scratch, %ds
	movl	\scratch, %es
	movl	kernel_stack_top, %esp	/* nothing may be pushed before: the frame ends here */
	pushl	$2
	popfl
.endm

.macro ENTER_FROM_USER scratch, vector
	KERNEL_STATE \scratch
	KERNEL_ENTER \vector
.endm

/*
 * Calls the handler of system call eax with arguments ebx, esi and edi; the few that have a fourth one
 * find it in the frame. Goes on with the result in eax, the thread in ecx and interrupts off, if nothing
 * stands in the way of returning at once: a call that blocked has left work in kernel_exit_work.
 */
.macro SYSTEM_CALL
	sti
	cmpl	call_count, %eax
	jae	call_unknown
	movl	%eax, %ebp		/* the number; callee-saved */
	movl	%ebx, %eax
	movl	%esi, %edx
	movl	%edi, %ecx
	call	*call_table(,%ebp,4)
	cli
	movl	current_thread, %ecx
	cmpl	$0, kernel_exit_work
	jne	call_exit_work
.endm

trap_int80:
	pushl	$0
	pushl	$VECTOR_SYSCALL
	pushal
	ENTER_FROM_USER %ecx, VECTOR_SYSCALL
	SYSTEM_CALL
	KERNEL_LEAVE
	movl	%eax, FRAME_EAX(%ecx)
	movl	%ecx, %esp
	popal
	addl	$8, %esp		/* vector and error code */
	iretl

/*
 * The stub of the kernel page left its stack pointer in ecx. The frame's cs and ss need no storing:
 * they are the same in every frame, from the thread's start. Vector and error code are for exceptions.
 */
trap_sysenter:
	movl	(%esp), %esp		/* sysenter_stack.frame_end: the end of the thread's frame */
trap_sysenter_safe:
	movl	%ecx, FRAME_ESP - FRAME_SIZE(%esp)
	movl	$0x202, FRAME_EFLAGS - FRAME_SIZE(%esp)	/* interrupts on, all else clear */
	movl	$CASTLE_SYSENTER_RETURN, FRAME_EIP - FRAME_SIZE(%esp)
	leal	FRAME_VECTOR - FRAME_SIZE(%esp), %esp
	pushal
	ENTER_FROM_USER %ecx, VECTOR_SYSENTER
	SYSTEM_CALL
	KERNEL_LEAVE
	/* ebx, esi and edi are still the user's: C functions keep them. */
	movl	FRAME_EBP(%ecx), %ebp
	movl	FRAME_ESP(%ecx), %ecx
	movl	$CASTLE_SYSENTER_RETURN, %edx
	sti				/* takes effect after sysexit */
	sysexit

call_unknown:
	movl	current_thread, %ecx
	movl	$-ENOSYS, FRAME_EAX(%ecx)
	jmp	resume_check

call_exit_work:
	cmpl	$CALL_BLOCKED, %eax
	je	exit_work
	movl	%eax, FRAME_EAX(%ecx)
	jmp	resume_check

/* Something is left to do in the kernel. */
exit_work:
	movl	kernel_stack_top, %esp
	call	kernel_exit_work_run

/* Returns to the current thread's user mode, once nothing is left to do. */
resume_check:
	cli
	testl	$~EXIT_WORK_ACCOUNT, kernel_exit_work
	jnz	exit_work
	testl	$EXIT_WORK_ACCOUNT, kernel_exit_work
	jz	1f
	call	account_leave
1:	KERNEL_LEAVE
	movl	current_thread, %esp
	popal
	addl	$8, %esp
	iretl

/* Exceptions: vector and error code are on the stack. */
trap_exception:
	pushal
	testl	$3, FRAME_CS(%esp)
	jz	trap_in_kernel
	ENTER_FROM_USER %ecx, 0
	movl	current_thread, %eax
	call	trap_from_user
	jmp	resume_check

/*
 * Interrupts. The first level runs before the kernel is entered, and if it leaves no work, the kernel
 * is not entered at all: its time then counts as the thread's.
 */
trap_interrupt:
	pushal
	testl	$3, FRAME_CS(%esp)
	jz	trap_in_kernel
	KERNEL_STATE %ecx
	movl	current_thread, %eax
	movl	FRAME_VECTOR(%eax), %eax
	subl	$VECTOR_INTERRUPTS, %eax
	call	INTERRUPT_DISPATCH
	testl	$~EXIT_WORK_ACCOUNT, kernel_exit_work
	jz	1f
	KERNEL_ENTER 0
	jmp	exit_work
1:	movl	current_thread, %esp
	popal
	addl	$8, %esp
	iretl

trap_in_kernel:
	cld
	movl	%esp, %eax
	call	TRAP_FROM_KERNEL
	popal
	addl	$8, %esp
	iretl

/*
 * A debug exception can hit the kernel at its first sysenter instruction only, when a program
 * single-steps over sysenter; the stack is the small scratch one then. Drop the trap flag and go on.
 */
trap_debug:
	testl	$3, 4(%esp)
	jnz	1f
	cmpl	$trap_sysenter, (%esp)
	jb	1f
	cmpl	$trap_sysenter_safe, (%esp)
	ja	1f
	andl	$~0x100, 8(%esp)
	iretl
1:	pushl	$0
	pushl	$VECTOR_DEBUG
	jmp	trap_exception

/* A failing machine, or another processor's last word: no lock, and no way back. */
trap_nmi_entry:
	pushl	$0
	pushl	$VECTOR_NMI
	pushal
	movl	%esp, %eax
	testl	$3, FRAME_CS(%esp)
	jz	1f
	KERNEL_STATE %ecx
1:	cld
	call	trap_nmi

	.macro	STUB vector
trap_stub_\vector:
	.if	\vector == 8 || (\vector >= 10 && \vector <= 14) || \vector == 17 || \vector == 21
	.else
	pushl	$0			/* no error code by the processor (SDM table 6-1) */
	.endif
	pushl	$\vector
	.if	\vector < VECTOR_INTERRUPTS
	jmp	trap_exception
	.else
	jmp	trap_interrupt
	.endif
	.endm

	.altmacro
	.set	vector, 0
	.rept	VECTOR_INTERRUPTS + VECTOR_INTERRUPTS_COUNT
	STUB	%vector
	.set	vector, vector + 1
	.endr

	.macro	STUB_ADDRESS vector
	.if	\vector == VECTOR_DEBUG
	.long	trap_debug
	.elseif	\vector == VECTOR_NMI
	.long	trap_nmi_entry
	.else
	.long	trap_stub_\vector
	.endif
	.endm

	/* struct trap_entries */
	.section .rodata
	.globl	TRAP_ENTRIES
TRAP_ENTRIES:
	.long	trap_int80, trap_sysenter, resume_check
	.set	vector, 0
	.rept	VECTOR_INTERRUPTS + VECTOR_INTERRUPTS_COUNT
	STUB_ADDRESS %vector
	.set	vector, vector + 1
	.endr

