/*
 * The first instructions of every program. The kernel enters here with the System V initial stack:
 * %esp points at argc, argv[], a null, envp[], a null.
 */
	.section .text.castle_start, "ax", @progbits
	.globl _start
	.type _start, @function
_start:
	xor	%ebp, %ebp		/* the outermost frame, for whoever walks the stack */
	mov	%esp, %eax
	and	$-16, %esp		/* what gcc's code expects before a call's arguments */
	sub	$12, %esp
	push	%eax
	call	__castle_start
	hlt				/* it does not return */
	.size _start, . - _start
	.section .note.GNU-stack, "", @progbits
