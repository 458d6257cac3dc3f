/*
 * Where stubs enter the runtime. They push a function's record, as a distance from the thread pointer, and
 * expect every register back: compilers keep values in any of them across calls of functions they know.
 */
	.text

/* What C functions may change. */
	.macro save_registers
	pushl	%eax
	.cfi_adjust_cfa_offset 4
	pushl	%ecx
	.cfi_adjust_cfa_offset 4
	pushl	%edx
	.cfi_adjust_cfa_offset 4
	.endm

	.macro restore_registers
	popl	%edx
	.cfi_adjust_cfa_offset -4
	popl	%ecx
	.cfi_adjust_cfa_offset -4
	popl	%eax
	.cfi_adjust_cfa_offset -4
	.endm

/* Above the stub's return address and the record lies the function's return address. */
	.macro event name, handler, flags=0
	.globl	\name
	.hidden	\name
	.type	\name, @function
\name:
	.cfi_startproc
	.if	\flags
	pushfl
	.cfi_adjust_cfa_offset 4
	.endif
	save_registers
	movl	16 + 4 * \flags(%esp), %eax	/* the record */
	leal	20 + 4 * \flags(%esp), %edx	/* where the return address is */
	call	\handler
	restore_registers
	.if	\flags
	popfl
	.cfi_adjust_cfa_offset -4
	.endif
	ret
	.cfi_endproc
	.size	\name, . - \name
	.endm

	event	lopi_enter, lopi_on_enter
	event	lopi_leave, lopi_on_leave
	event	lopi_enter_with_flags, lopi_on_enter, 1
	event	lopi_leave_with_flags, lopi_on_leave, 1

/*
 * A paired stub has found no room for a shadow frame: ebx is where the frame would be, a multiple of the
 * block's size. Returns with ebx, and the thread's top of frames, in a block with room.
 */
	.globl	lopi_shadow_more
	.hidden	lopi_shadow_more
	.type	lopi_shadow_more, @function
lopi_shadow_more:
	.cfi_startproc
	save_registers
	movl	%ebx, %eax
	call	lopi_on_shadow_more
	movl	%eax, %ebx
	restore_registers
	ret
	.cfi_endproc
	.size	lopi_shadow_more, . - lopi_shadow_more

	.section .note.GNU-stack, "", @progbits
