/*
 * What happens between user mode and the kernel beyond saving registers, on the way in and on the way
 * out, for assembly. Here, on the way in: the account of time spent in user mode and in the kernel, when
 * it is on (castle/info.h); the way out sees that in kernel_exit_work. A multiprocessor kernel takes and releases its lock at these places (Section 3.3.1).
 */
#ifndef ARCH_IA32_KERNEL_ENTRY_H
#define ARCH_IA32_KERNEL_ENTRY_H

/* On the kernel stack, user registers saved but still in place: eax, ebx, esi, edi, ebp must survive. */
.macro KERNEL_ENTER
	cmpb	$0, account_running
	jne	8f
9:
	.subsection 1
8:	pushl	%eax
	call	account_enter
	popl	%eax
	jmp	9b
	.previous
.endm

/* On the kernel stack, interrupts off; all registers but the flags must survive. */
.macro KERNEL_LEAVE
.endm

#endif
