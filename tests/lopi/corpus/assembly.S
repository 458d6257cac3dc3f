/*
 * Functions that no compiler writes: too short, entered in the middle, with data or labels inside, without
 * a size, looking at their return address. What lopi cannot do, it must leave alone.
 */
	.text

#include "function.inc"

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

/* Flags go in and out of these. */
	function asm_takes_flags
	movl	4(%esp), %eax
	adcl	$0, %eax
	ret
	end asm_takes_flags

	function asm_returns_flags
	movl	4(%esp), %eax
	addl	%eax, %eax
	nop
	ret
	end asm_returns_flags

	function asm_passes_flags
	pushl	4(%esp)
	call	asm_returns_flags
	call	asm_takes_flags
	popl	%ecx
	ret
	end asm_passes_flags

	.globl	asm_sizeless
	.type	asm_sizeless, @function
asm_sizeless:
	movl	$8, %eax
	ret

	.section .note.GNU-stack, "", @progbits
