/*
 * The way into a slave and back out, as arch/ia32/entry.S is for the kernel: user registers are saved
 * straight into the thread, whose address the stack pointer then is. Functions called take the thread
 * in eax (-mregparm=3) and return the one to go on with in eax.
 */
#include "arch/ia32/entry.inc"
#include "arch/ia32/smp/slot.h"

	.text
	.globl	slave_entry_int80, slave_entry_sysenter, slave_resume

/* Goes on with the thread in eax. */
.macro ENTER save
	\save
	movl	%esp, %eax
	KERNEL_STATE %ecx, $CPU_LOCAL_STACK_TOP
.endm

slave_entry_int80:
	ENTER	SAVE_INT80
	call	slave_call
slave_resume:
	LOCK_ORDER lock_order_leave
	movl	%eax, %esp
	RESTORE

slave_entry_sysenter:
	ENTER	SAVE_SYSENTER
	call	slave_call
	jmp	slave_resume

trap_exception:
	ENTER	"SAVE_TRAP trap_in_kernel, trap_virtual_8086"
	call	slave_exception
	jmp	slave_resume

trap_interrupt:
	ENTER	"SAVE_TRAP trap_in_kernel, trap_virtual_8086"
	call	slave_interrupt
	jmp	slave_resume

/* An interrupt while the slave waits; or a defect. */
trap_in_kernel:
	FROM_KERNEL

trap_virtual_8086:
	LEAVE_VIRTUAL_8086 trap_exception, trap_interrupt

trap_debug:
	DEBUG_TRAP trap_exception, slave_entry_sysenter

trap_nmi_entry:
	NMI	$CPU_LOCAL_STACK_TOP

	EACH	STUB, 0, VECTOR_INTERRUPTS + VECTOR_INTERRUPTS_COUNT

	.section .rodata
	.globl	slave_stubs
slave_stubs:
	EACH	STUB_ADDRESS, 0, VECTOR_INTERRUPTS + VECTOR_INTERRUPTS_COUNT
