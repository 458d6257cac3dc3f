/*
 * The way into the application kernel and back out: as arch/ia32/entry.S is for the kernel. User
 * registers are saved straight into the application thread, whose address the stack pointer then is;
 * the kernel stack lies at the same address on every processor. Functions called take their arguments
 * in eax and edx (-mregparm=3) and return the thread to go on with in eax.
 */
#include "arch/ia32/entry.inc"
#include "kernel/appkern/ia32/entry.h"

	.text
	.globl	application_entry_int80, application_entry_sysenter, application_resume
	.globl	application_exception_stubs, application_interrupt_stubs

/* Goes on with the thread in eax. */
.macro ENTER save
	\save
	movl	%esp, %eax
	KERNEL_STATE %ecx, $CPU_LOCAL_STACK_TOP
.endm

application_entry_int80:
	ENTER	SAVE_INT80
	call	application_call
application_resume:
	LOCK_ORDER lock_order_leave
	movl	%eax, %esp
	RESTORE

application_entry_sysenter:
	ENTER	SAVE_SYSENTER
	call	application_call
	jmp	application_resume

trap_exception:
	ENTER	"SAVE_TRAP exception_in_kernel, trap_virtual_8086"
	call	application_exception
	jmp	application_resume

exception_in_kernel:
	cld
	movl	%esp, %eax
	call	application_exception_in_kernel

trap_interrupt:
	ENTER	"SAVE_TRAP interrupt_in_kernel, trap_virtual_8086"
	movl	FRAME_VECTOR(%eax), %edx
	subl	$APPLICATION_VECTOR_FIRST, %edx
	call	application_interrupt
	jmp	application_resume

interrupt_in_kernel:
	cld
	movl	FRAME_VECTOR(%esp), %eax
	subl	$APPLICATION_VECTOR_FIRST, %eax
	call	application_interrupt_idle
	RESTORE

trap_virtual_8086:
	LEAVE_VIRTUAL_8086 trap_exception, trap_interrupt

trap_debug:
	DEBUG_TRAP trap_exception, application_entry_sysenter

trap_nmi_entry:
	pushl	$0
	pushl	$VECTOR_NMI
	jmp	trap_exception

	EACH	STUB, 0, VECTOR_EXCEPTIONS
	EACH	STUB, APPLICATION_VECTOR_FIRST, APPLICATION_LINES

	.section .rodata
application_exception_stubs:
	EACH	STUB_ADDRESS, 0, VECTOR_EXCEPTIONS
application_interrupt_stubs:
	EACH	STUB_ADDRESS, APPLICATION_VECTOR_FIRST, APPLICATION_LINES
