/*
 * The Multiboot2 header and the kernel's first instructions. GRUB enters in protected mode, paging
 * and interrupts off, flat segments of its own, eax = magic, ebx = boot information (Multiboot2
 * Specification, section 3.3).
 */
#include "boot/multiboot2.h"

	.section .multiboot2, "a"
	.balign 8
header:
	.long MULTIBOOT2_HEADER_MAGIC
	.long MULTIBOOT2_ARCH_I386
	.long header_end - header
	.long -(MULTIBOOT2_HEADER_MAGIC + MULTIBOOT2_ARCH_I386 + (header_end - header))
	/* Modules on page boundaries: code packages are mapped where they lie. */
	.short MULTIBOOT2_HEADER_TAG_MODULE_ALIGN, 0
	.long 8
	/*
	 * Where there is no VGA text: a framebuffer, of this size if there is one (kernel/dev/framebuffer.c). It can be
	 * done without.
	 */
	.balign 8
	.short MULTIBOOT2_HEADER_TAG_FRAMEBUFFER, MULTIBOOT2_HEADER_OPTIONAL
	.long 20
	.long 1024, 768, 32
	.balign 8
	.short MULTIBOOT2_HEADER_TAG_END, 0
	.long 8
header_end:

	.section .text
	.globl boot_entry
boot_entry:
	movl $boot_stack_top, %esp
	pushl $0		/* ends backtraces */
	movl %esp, %ebp
	call boot_processor_check
	movl %eax, %esi
	rdtsc			/* the first reading, for boot.to_user */
	movl %eax, boot_entry_cycles
	movl %edx, boot_entry_cycles + 4
	movl %esi, %eax
	movl %ebx, %edx
	call kernel_main	/* (magic, boot information); does not return */

	.bss
	/* SET_AT_BOOT */
	.globl boot_entry_cycles
	.balign 8
boot_entry_cycles:
	.skip 8

	/*
	 * The boot processor's kernel stack, 128 KB, used from the start. The page below it is left
	 * unmapped: running over the stack's end faults, and the double fault task says so.
	 * UNGUARDED("the boot processor's own").
	 */
	.globl boot_stack_guard, boot_stack, boot_stack_top
	.balign 4096
boot_stack_guard:
	.skip 4096
boot_stack:
	.skip 128 * 1024
boot_stack_top:

	/* What double faults of the boot processor are taken on. UNGUARDED("the boot processor's own") */
	.globl boot_fault_stack_top
	.skip 4096
boot_fault_stack_top:
