/*
 * The first instructions of a further processor (Intel SDM volume 3, section 9.4): in real mode, in a
 * page below 1 MB that this is copied to, from there into the kernel's address space.
 *
 * The page directory is also the permission to start: a processor takes it out, and one that comes when
 * there is none, because the boot processor has given it up, halts. The entry point stays as it is until
 * the processor has answered.
 */
#include "arch/ia32/smp/slot.h"
#include "boot/flat_segments.inc"
#include "boot/trampoline.h"

#define CR0_PE     0x1
#define CR0_PG_WP  0x80010000
#define CR4_PSE    0x10
#define CODE       0x08
#define DATA       0x10
#define COPIED(label) (TRAMPOLINE_PAGE + (label) - trampoline_start)

	.section .rodata
	.globl	trampoline_start, trampoline_end
	.balign	16
	.code16
trampoline_start:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	lgdtl	COPIED(table_pointer)
	movl	%cr0, %eax
	orl	$CR0_PE, %eax
	movl	%eax, %cr0
	ljmpl	$CODE, $COPIED(protected_mode)

	.code32
protected_mode:
	movw	$DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	xorl	%eax, %eax
	xchgl	%eax, TRAMPOLINE_DIRECTORY
	testl	%eax, %eax
	jz	too_late
	movl	%eax, %cr3
	movl	%cr4, %eax
	orl	$CR4_PSE, %eax
	movl	%eax, %cr4
	movl	%cr0, %eax
	orl	$CR0_PG_WP, %eax
	movl	%eax, %cr0
	movl	$CPU_LOCAL_STACK_TOP, %esp
	pushl	$0		/* ends backtraces */
	movl	%esp, %ebp
	call	*TRAMPOLINE_ENTRY	/* does not return */
too_late:
	hlt
	jmp	too_late

	.balign	8
	FLAT_SEGMENTS COPIED(table)

	.org	trampoline_start + TRAMPOLINE_DIRECTORY - TRAMPOLINE_PAGE
	.long	0
	.org	trampoline_start + TRAMPOLINE_ENTRY - TRAMPOLINE_PAGE
	.long	0
trampoline_end:
