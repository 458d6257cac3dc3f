/*
 * The way into the application kernel and back out: as arch/ia32/entry.S is for the kernel. User
 * registers are saved straight into the application thread, whose address the stack pointer then is;
 * the kernel stack lies at the same address on every processor. Functions called take their arguments
 * in eax and edx (-mregparm=3) and return the thread to go on with in eax.
 */
#include <castle/kernel_page.h>
#include "arch/ia32/frame.h"
#include "arch/ia32/segments.h"
#include "arch/ia32/trap.h"
#include "kernel/appkern/entry.h"

	.text
	.globl	application_entry_int80, application_entry_sysenter, application_resume
	.globl	application_exception_stubs, application_interrupt_stubs

/* The thread in eax, the kernel's stack and segments, and clear flags (DF, NT, TF, AC). */
.macro ENTER
	movl	%esp, %eax
	movl	$SEGMENT_USER_DATA, %ecx
	movl	%ecx, %ds
	movl	%ecx, %es
	movl	$CPU_LOCAL_STACK_TOP, %esp
	pushl	$2
	popfl
.endm

application_entry_int80:
	pushl	$0
	pushl	$VECTOR_SYSCALL
	pushal
	ENTER
	call	application_call
application_resume:
	movl	%eax, %esp
	popal
	addl	$8, %esp		/* vector and error code */
	iretl

/* As trap_sysenter of the kernel; the stub left its stack pointer in ecx. */
application_entry_sysenter:
	movl	(%esp), %esp		/* sysenter_stack.frame_end */
application_entry_sysenter_safe:
	movl	%ecx, FRAME_ESP - FRAME_SIZE(%esp)
	movl	$0x202, FRAME_EFLAGS - FRAME_SIZE(%esp)	/* interrupts on, all else clear */
	movl	$CASTLE_SYSENTER_RETURN, FRAME_EIP - FRAME_SIZE(%esp)
	leal	FRAME_VECTOR + 8 - FRAME_SIZE(%esp), %esp
	pushl	$0
	pushl	$VECTOR_SYSENTER
	pushal
	ENTER
	call	application_call
	jmp	application_resume

/* Vector and error code are on the stack. */
exception:
	pushal
	testl	$3, FRAME_CS(%esp)
	jz	1f
	ENTER
	call	application_exception
	jmp	application_resume
1:	cld
	movl	%esp, %eax
	call	application_exception_in_kernel

interrupt:
	pushal
	testl	$3, FRAME_CS(%esp)
	jz	1f
	ENTER
	movl	FRAME_VECTOR(%eax), %edx
	call	application_interrupt
	jmp	application_resume
1:	cld
	movl	FRAME_VECTOR(%esp), %eax
	call	application_interrupt_idle
	popal
	addl	$8, %esp
	iretl

/* A program that single-steps over sysenter: see trap_debug of the kernel. */
debug:
	testl	$3, 4(%esp)
	jnz	1f
	cmpl	$application_entry_sysenter, (%esp)
	jb	1f
	cmpl	$application_entry_sysenter_safe, (%esp)
	ja	1f
	andl	$~0x100, 8(%esp)
	iretl
1:	pushl	$0
	pushl	$VECTOR_DEBUG
	jmp	exception

	.macro	EXCEPTION vector
exception_\vector:
	.if	\vector == 8 || (\vector >= 10 && \vector <= 14) || \vector == 17 || \vector == 21
	.else
	pushl	$0			/* no error code by the processor (SDM table 6-1) */
	.endif
	pushl	$\vector
	jmp	exception
	.endm

	.macro	INTERRUPT line
interrupt_\line:
	pushl	$0
	pushl	$\line
	jmp	interrupt
	.endm

	.macro	EXCEPTION_ADDRESS vector
	.if	\vector == VECTOR_DEBUG
	.long	debug
	.else
	.long	exception_\vector
	.endif
	.endm

	.macro	INTERRUPT_ADDRESS line
	.long	interrupt_\line
	.endm

	.altmacro
	.macro	EACH what, count
	.set	number, 0
	.rept	\count
	\what	%number
	.set	number, number + 1
	.endr
	.endm

	EACH	EXCEPTION, 32
	EACH	INTERRUPT, 16

	.section .rodata
application_exception_stubs:
	EACH	EXCEPTION_ADDRESS, 32
application_interrupt_stubs:
	EACH	INTERRUPT_ADDRESS, 16
