/*
 * What gcc -pg -mfentry calls in a function's first instruction: the handler, which is told where that is. Arguments
 * may be in registers.
 */
	.text
	.globl	__fentry__
	.type	__fentry__, @function
__fentry__:
#ifdef __i386__
	pushl	%eax
	pushl	%ecx
	pushl	%edx
	movl	12(%esp), %eax
	subl	$5, %eax		/* the call */
	pushl	%eax
	call	lopi_bench_entered
	addl	$4, %esp
	popl	%edx
	popl	%ecx
	popl	%eax
#else
	.irp	register, rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11
	pushq	%\register
	.endr
	movq	72(%rsp), %rdi
	subq	$5, %rdi
	call	lopi_bench_entered
	.irp	register, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax
	popq	%\register
	.endr
#endif
	ret
	.size	__fentry__, . - __fentry__

	.section .note.GNU-stack, "", @progbits
