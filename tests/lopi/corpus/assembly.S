/*
 * Functions that no compiler writes: too short, entered in the middle, with data or labels inside, without
 * a size, looking at their return address. What lopi cannot do, it must leave alone.
 */
	.text

	.macro function name
	.globl	\name
	.type	\name, @function
\name:
	.endm

	.macro end name
	.size	\name, . - \name
	.endm

/* One byte, and the next function follows at once. */
	function asm_return
	ret
	end asm_return

	function asm_entered
	movl	4(%esp), %eax		/* four bytes */
asm_entered_inside:
	incl	%eax			/* one */
	incl	%eax
	ret
	end asm_entered

	function asm_enters
	movl	4(%esp), %eax
	addl	$100, %eax
	jmp	asm_entered_inside
	end asm_enters

	function asm_loops
	decl	4(%esp)
	jnz	asm_loops
	movl	$9, %eax
	ret
	end asm_loops

	function asm_loop_instruction
	movl	4(%esp), %ecx
	xorl	%eax, %eax
1:	addl	%ecx, %eax
	loop	1b
	ret
	end asm_loop_instruction

	function asm_jecxz
	jecxz	1f
	movl	$1, %eax
	ret
1:	movl	$2, %eax
	ret
	end asm_jecxz

	function asm_where
	movl	(%esp), %eax		/* its return address: that of the caller's next instruction */
	ret
	end asm_where

	function asm_where_long
	pushl	$0
	popl	%ecx
	leal	1(%ecx), %ecx
	movl	(%esp), %eax
	ret
	end asm_where_long

/* Keeps ecx and edx, which the convention does not ask for. */
	function asm_keeps
	movl	4(%esp), %eax
	leal	1(%eax,%eax), %eax
	ret
	end asm_keeps

	function asm_calls_keeps
	movl	$77, %ecx
	movl	$55, %edx
	pushl	4(%esp)
	call	asm_keeps
	addl	$4, %esp
	addl	%ecx, %eax
	addl	%edx, %eax
	ret
	end asm_calls_keeps

	function asm_short_conditional
	cmpl	$5, 4(%esp)
	je	asm_keeps		/* 2 bytes, out of the function */
	movl	$6, %eax
	ret
	end asm_short_conditional

	function asm_data_inside
	movl	4(%esp), %eax
	jmp	1f
	.byte	0x0f, 0x0b, 0xff, 0xff, 0xff
1:	addl	$3, %eax
	ret
	end asm_data_inside

	function asm_pops
	movl	4(%esp), %eax
	ret	$4
	end asm_pops

	function asm_pops_caller
	pushl	4(%esp)
	call	asm_pops
	ret
	end asm_pops_caller

	.globl	asm_sizeless
	.type	asm_sizeless, @function
asm_sizeless:
	movl	$8, %eax
	ret

/*
 * Functions that start with something on the stack that a stub must not lose; what follows has the five bytes
 * that a patch wants, and each returns what it finds.
 */
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
