/* IA-32: what people write who write assembly. Called by by_hand.c. */
	.text

.macro function name
	.globl \name
	.type \name, @function
\name:
.endm

.macro ends name
	.size \name, . - \name
.endm

/* Goes on into the next one. */
function falls
	movl 4(%esp), %eax
	addl $1, %eax
ends falls
function is_fallen_into
	addl $2, %eax
	ret
ends is_fallen_into

/* One jumps into the middle of the other. */
function middle
	movl $1, %eax
inside:	addl $10, %eax
	ret
ends middle
function into_middle
	movl $5, %eax
	jmp inside
ends into_middle

/* The callee's return address is that of data. */
function over_data
	call 1f
	.long 0x12345678
1:	popl %ecx
	movl (%ecx), %eax
	ret
ends over_data

/* A part that is called. */
function calls_part
	movl $1, %eax
	call 1f
	call 1f
	ret
1:	addl %eax, %eax
	ret
ends calls_part

/* The distance of data from the instruction that has it as a number. */
function distance
	call 1f
1:	popl %ecx
	addl $number - 1b, %ecx
	movl (%ecx), %eax
	ret
ends distance

function pops_arguments
	movl 4(%esp), %eax
	addl 8(%esp), %eax
	ret $8
ends pops_arguments

function repeats_return
	movl 4(%esp), %eax
	testl %eax, %eax
	je 1f
	negl %eax
1:	rep; ret
ends repeats_return

function loops
	movl 4(%esp), %ecx
	xorl %eax, %eax
	jecxz 2f
1:	addl %ecx, %eax
	loop 1b
2:	ret
ends loops

/* Carry is the result. */
function is_below
	movl 4(%esp), %eax
	cmpl 8(%esp), %eax
	ret
ends is_below
function below
	pushl 8(%esp)
	pushl 8(%esp)
	call is_below
	leal 8(%esp), %esp
	sbbl %eax, %eax
	ret
ends below

/* Returns by a jump, and goes on by a return. */
function jumps_back
	popl %edx
	movl (%esp), %eax
	addl $100, %eax
	jmp *%edx
ends jumps_back
function returns_on
	movl 4(%esp), %eax
	pushl $1f
	ret
1:	addl $7, %eax
	ret
ends returns_on

	.section .data.number, "aw", @progbits
number:	.long 0x87654321

	.section .note.GNU-stack, "", @progbits
