/*
 * Functions that start with something on the stack that a stub must not lose; what follows has the five bytes
 * that a patch wants, and each returns what it finds. They pass for a compiler's, which is signed: what is not may
 * return flags, and has no return frames.
 */
	.ident	"none"
	.text

#include "function.inc"

	.macro starts name instructions:vararg
	function asm_starts_\name
	\instructions
	movl	$1, %ecx
	.endm

	.macro finds name
	addl	%ecx, %eax
	ret
	end asm_starts_\name
	.endm

	starts	word pushl $0x12345678
	popl	%eax
	finds	word

	starts	byte pushl $-3
	popl	%eax
	finds	byte

	starts	prefixed .byte 0x65, 0x6a, 0x24
	popl	%eax
	finds	prefixed

	starts	fixed pushl %gs:0
	popl	%eax
	subl	%gs:0, %eax
	finds	fixed

	starts	memory pushl 4(%esp)
	popl	%eax
	finds	memory

	starts	segment pushl %ds
	popl	%eax
	movl	%ds, %edx
	subw	%dx, %ax
	movzwl	%ax, %eax
	finds	segment

	starts	half pushw $0x1234
	popw	%ax
	movzwl	%ax, %eax
	finds	half

	starts	flags pushfl
	popl	%eax
	andl	$0x202, %eax
	finds	flags

	starts	all pushal
	movl	12(%esp), %eax		/* esp before it */
	addl	$32, %esp
	subl	%esp, %eax
	finds	all

	starts	enter enter $16, $0
	leal	-16(%ebp), %eax
	subl	%esp, %eax
	leave
	finds	enter

	starts	nested enter $16, $1
	movl	-4(%ebp), %eax
	subl	%ebp, %eax
	leave
	finds	nested

	starts	stack pushl %esp
	popl	%eax
	subl	%esp, %eax
	finds	stack

	starts	odd subl $6, %esp
	movw	$7, 4(%esp)
	movzwl	4(%esp), %eax
	addl	$6, %esp
	finds	odd

	starts	room addl $-128, %esp
	movl	132(%esp), %eax
	subl	$-128, %esp
	finds	room

	starts	register pushl %ebx
	pushl	%esi
	movl	%esp, %ebx
	leal	8(%esp), %esi
	movl	4(%esi), %eax
	subl	%ebx, %esi
	addl	%esi, %eax
	popl	%esi
	popl	%ebx
	finds	register

	starts	frame pushl %ebp
	movl	%esp, %ebp
	pushl	$70000
	subl	$12, %esp
	movl	-4(%ebp), %eax
	addl	8(%ebp), %eax
	leave
	finds	frame

	starts	aligned leal -12(%esp), %edx
	andl	$-16, %esp
	movl	%edx, %eax
	subl	%esp, %eax
	andl	$0, %eax
	leal	12(%edx), %esp
	finds	aligned

	.section .note.GNU-stack, "", @progbits
