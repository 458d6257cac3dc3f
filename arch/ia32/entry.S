/*
 * The way into the kernel and back out: exceptions, interrupts, int 0x80 and sysenter.
 *
 * What is here is the uniprocessor kernel's way, and costs nothing for what other organisations add.
 * Those have blocks of their own (arch/ia32/entry_blocks.inc), to which seven *sites* here are made to
 * jump at boot, before paging is on (trap_choose_way()). A site is one or two instructions that are
 * there anyhow, at least as long as a jump, and a block ends with the same instructions. The event
 * log's blocks take their place where it is on (arch/ia32/patch.h).
 *
 * The account of time (kernel/measure/account.h) has a way in of its own for system calls, which another
 * descriptor table leads to while it runs (trap_account()); the others test for it.
 *
 * The kernel stack is taken from a CPU-local pointer. Kernel functions take arguments in eax, edx and
 * ecx (-mregparm=3).
 */
#include <castle/errno.h>
#include "arch/ia32/entry.inc"
#include "arch/ia32/patch.h"
#include "kernel/interrupt/exit_work.h"
#include "kernel/sched/call_result.h"

	.text
	.globl	trap_int80, trap_int80_accounted, trap_sysenter, trap_sysenter_accounted, trap_resume

/* Behind a site's instructions: there must be room for a jump. */
.macro SITE_END label
	.if	. - \label < PATCH_JUMP_SIZE
	.error	"\label is too short for a jump"
	.endif
.endm

.macro ENTER save
	\save
	KERNEL_STATE %ecx, kernel_stack_top
.endm

/* Back to user mode behind the stub's sysenter; the stack pointer is in ecx. */
.macro LEAVE_BY_SYSEXIT
	movl	$CASTLE_SYSENTER_RETURN, %edx
	sti				/* takes effect after sysexit */
	sysexit
.endm

/* eax, ebx, esi, edi and ebp must survive until the call's arguments are taken. */
.macro ACCOUNT_ENTER
	pushl	%eax
	call	account_enter
	popl	%eax
.endm

/*
 * Calls the handler of system call eax with arguments ebx, esi and edi; the few that have a fourth one
 * find it in the frame. Goes on with the result in eax, the thread in ecx and interrupts off, if nothing
 * stands in the way of returning at once: a call that blocked has left work in kernel_exit_work.
 */
.macro SYSTEM_CALL enter, call
\enter:	cmpl	call_count, %eax
	SITE_END \enter
	jae	call_unknown
\call:	sti
	movl	%eax, %ebp		/* the number; callee-saved */
	movl	%ebx, %eax
	movl	%esi, %edx
	movl	%edi, %ecx
	call	*call_table(,%ebp,4)
	cli
	movl	current_thread, %ecx
	cmpl	$0, kernel_exit_work
	jne	call_exit_work
	LOCK_ORDER lock_order_leave
.endm

trap_int80:
	ENTER	SAVE_INT80
	SYSTEM_CALL .Lint80_enter, .Lint80_call
.Lint80_leave:
	movl	%eax, FRAME_EAX(%ecx)
	movl	%ecx, %esp
	SITE_END .Lint80_leave
	RESTORE

trap_sysenter:
	ENTER	SAVE_SYSENTER
	SYSTEM_CALL .Lsysenter_enter, .Lsysenter_call
	/* ebx, esi and edi are still the user's: C functions keep them. */
.Lsysenter_leave:
	movl	FRAME_EBP(%ecx), %ebp
	movl	FRAME_ESP(%ecx), %ecx
	SITE_END .Lsysenter_leave
	LEAVE_BY_SYSEXIT

trap_int80_accounted:
	ENTER	SAVE_INT80
	ACCOUNT_ENTER
	jmp	.Lint80_enter

trap_sysenter_accounted:
	ENTER	SAVE_SYSENTER
	ACCOUNT_ENTER
	jmp	.Lsysenter_enter

call_unknown:
	movl	current_thread, %ecx
	movl	$-ENOSYS, FRAME_EAX(%ecx)
	jmp	trap_resume

call_exit_work:
	cmpl	$CALL_BLOCKED, %eax
	je	exit_work
	movl	%eax, FRAME_EAX(%ecx)
	jmp	trap_resume

/* Something is left to do in the kernel. */
exit_work:
	movl	kernel_stack_top, %esp
	call	kernel_exit_work_run

/* Returns to the current thread's user mode, once nothing is left to do. */
trap_resume:
	cli
	cmpl	$0, kernel_exit_work
	jne	2f
1:	LOCK_ORDER lock_order_leave
.Lresume:
	movl	current_thread, %esp
	SITE_END .Lresume
	RESTORE
2:	testl	$~EXIT_WORK_ACCOUNT, kernel_exit_work
	jnz	exit_work
	call	account_leave
	jmp	1b

trap_exception:
	ENTER	"SAVE_TRAP trap_in_kernel, trap_virtual_8086"
	cmpb	$0, account_running
	jne	2f
.Lexception_enter:
	movl	current_thread, %eax
	SITE_END .Lexception_enter
	call	trap_from_user
	jmp	trap_resume
2:	call	account_enter
	jmp	.Lexception_enter

/*
 * Interrupts. The first level runs before the kernel is entered, and if it leaves no work, the kernel
 * is not entered at all: its time then counts as the thread's.
 */
trap_interrupt:
	ENTER	"SAVE_TRAP trap_in_kernel, trap_virtual_8086"
	movl	current_thread, %eax
	movl	FRAME_VECTOR(%eax), %eax
	subl	$VECTOR_INTERRUPTS, %eax
	call	interrupt_dispatch
	testl	$~EXIT_WORK_ACCOUNT, kernel_exit_work
	jz	1f
	cmpb	$0, account_running
	jne	2f
.Linterrupt_enter:
	.byte	0xe9			/* jmp exit_work, in its long form */
	.long	exit_work - . - 4
	SITE_END .Linterrupt_enter
1:	movl	current_thread, %esp
	RESTORE
2:	call	account_enter
	jmp	.Linterrupt_enter

trap_in_kernel:
	FROM_KERNEL

trap_virtual_8086:
	LEAVE_VIRTUAL_8086 trap_exception, trap_interrupt

trap_debug:
	DEBUG_TRAP trap_exception, trap_sysenter, trap_sysenter_accounted

trap_nmi_entry:
	NMI	kernel_stack_top

	EACH	STUB, 0, VECTOR_INTERRUPTS + VECTOR_INTERRUPTS_COUNT

	.section .rodata
	.globl	trap_stubs
trap_stubs:
	EACH	STUB_ADDRESS, 0, VECTOR_INTERRUPTS + VECTOR_INTERRUPTS_COUNT

#include "arch/ia32/entry_blocks.inc"
