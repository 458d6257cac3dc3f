/*
 * The ways between the monitor, which works without paging, and the kernels of partitions. Intel
 * SDM volume 3, section 9.9 (leaving and entering modes) and 4.10 (what is left in TLBs).
 */
#include "boot/flat_segments.inc"

#define CR0_OFF   ~0x80010000	/* PG and WP */
#define CODE      0x08
#define DATA      0x10

	.text
	.globl	partition_call_unpaged
/*
 * (function, argument, stack top): calls the function, which does not return, with paging and
 * interrupts off, on this stack and in the monitor's own segments. The caller's page directory maps
 * this page where it lies. No entry of the caller's is left in the TLB.
 */
partition_call_unpaged:
	cli
	cld
	movl	%cr0, %ebx
	andl	$CR0_OFF, %ebx
	movl	%ebx, %cr0
	movl	%ecx, %esp
	xorl	%ebx, %ebx
	movl	%ebx, %cr4		/* also drops global entries */
	movl	%ebx, %cr3
	lgdt	table_pointer
	ljmp	$CODE, $1f
1:	movw	$DATA, %bx
	movw	%bx, %ds
	movw	%bx, %es
	movw	%bx, %fs
	movw	%bx, %gs
	movw	%bx, %ss
	movl	%eax, %ebx
	movl	%edx, %eax
	pushl	$0			/* ends backtraces */
	movl	%esp, %ebp
	call	*%ebx

	.globl	partition_enter
/* (entry point, magic, information): as a boot loader starts a kernel. */
partition_enter:
	movl	%eax, %esi
	movl	%edx, %eax
	movl	%ecx, %ebx
	jmp	*%esi

	.section .rodata
	.balign	8
	FLAT_SEGMENTS table

	/* The kernels of partitions with one processor each and with several, with symbols and relocations (kernel/build.mk). */
	.globl	partition_kernel_up, partition_kernel_smp
	.balign	4
partition_kernel_up:
	.incbin	PARTITION_KERNEL_UP
	.balign	4
partition_kernel_smp:
	.incbin	PARTITION_KERNEL_SMP
