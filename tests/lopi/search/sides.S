/*
 * Calls a function with all registers and flags given, and takes them back. What the function does to the
 * stack pointer does not matter: it is put back.
 *
 * void call_with(void *function, word *registers): 16 (IA-32: 8) registers, and flags behind them.
 */
	.text
	.globl	call_with, helper

/* Called by generated functions. */
helper:
	addl	$5, %eax
	ret

#ifdef __x86_64__
call_with:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, saved(%rip)
	movq	%rdi, called(%rip)
	movq	%rsi, registers(%rip)
	leaq	-512(%rsp), %rsp
	leaq	arguments(%rip), %rcx
	.set	at, 120				/* the arguments, on the stack */
	.rept	16
	pushq	at(%rcx)
	.set	at, at - 8
	.endr
	movq	registers(%rip), %rax
	pushq	128(%rax)
	popfq
	movq	8(%rax), %rcx
	movq	16(%rax), %rdx
	movq	24(%rax), %rbx
	movq	40(%rax), %rbp
	movq	48(%rax), %rsi
	movq	56(%rax), %rdi
	movq	64(%rax), %r8
	movq	72(%rax), %r9
	movq	80(%rax), %r10
	movq	88(%rax), %r11
	movq	96(%rax), %r12
	movq	104(%rax), %r13
	movq	112(%rax), %r14
	movq	120(%rax), %r15
	movq	(%rax), %rax
	call	*called(%rip)
	movq	saved(%rip), %rsp
	pushfq
	pushq	%rax
	movq	registers(%rip), %rax
	movq	%rcx, 8(%rax)
	movq	%rdx, 16(%rax)
	movq	%rbx, 24(%rax)
	movq	%rbp, 40(%rax)
	movq	%rsi, 48(%rax)
	movq	%rdi, 56(%rax)
	movq	%r8, 64(%rax)
	movq	%r9, 72(%rax)
	movq	%r10, 80(%rax)
	movq	%r11, 88(%rax)
	movq	%r12, 96(%rax)
	movq	%r13, 104(%rax)
	movq	%r14, 112(%rax)
	movq	%r15, 120(%rax)
	popq	(%rax)
	popq	128(%rax)
	cld
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

	.bss
	.balign	8
saved:		.skip	8
called:		.skip	8
registers:	.skip	8
#else
call_with:
	movl	4(%esp), %eax
	movl	8(%esp), %ecx
	pushl	%ebx
	pushl	%ebp
	pushl	%esi
	pushl	%edi
	movl	%esp, saved
	movl	%eax, called
	movl	%ecx, registers
	leal	-512(%esp), %esp
	.set	at, 60
	.rept	16
	pushl	arguments + at
	.set	at, at - 4
	.endr
	movl	%ecx, %eax
	pushl	32(%eax)
	popfl
	movl	4(%eax), %ecx
	movl	8(%eax), %edx
	movl	12(%eax), %ebx
	movl	20(%eax), %ebp
	movl	24(%eax), %esi
	movl	28(%eax), %edi
	movl	(%eax), %eax
	call	*called
	movl	saved, %esp
	pushfl
	pushl	%eax
	movl	registers, %eax
	movl	%ecx, 4(%eax)
	movl	%edx, 8(%eax)
	movl	%ebx, 12(%eax)
	movl	%ebp, 20(%eax)
	movl	%esi, 24(%eax)
	movl	%edi, 28(%eax)
	popl	(%eax)
	popl	32(%eax)
	cld
	popl	%edi
	popl	%esi
	popl	%ebp
	popl	%ebx
	ret

	.bss
	.balign	8
saved:		.skip	4
called:		.skip	4
registers:	.skip	4
#endif

	.section .note.GNU-stack, "", @progbits
