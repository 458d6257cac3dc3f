/*
 * Where stubs enter the runtime. They push a function's record, as a distance from the thread pointer, and
 * expect every register back: compilers keep values in any of them across calls of functions they know.
 */
	.text

/* The handlers are elsewhere if several shared objects share a runtime; then each has this file for itself. */
	.macro call_handler name
#ifndef LOPI_SHARED
	call	\name
#elif defined(__x86_64__)
	call	*\name\()@GOTPCREL(%rip)
#else
	call	1f
1:	.cfi_adjust_cfa_offset 4
	popl	%ecx
	.cfi_adjust_cfa_offset -4
	addl	$_GLOBAL_OFFSET_TABLE_ + (. - 1b), %ecx
	call	*\name\()@GOT(%ecx)
#endif
	.endm

#ifdef __i386__

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
	call_handler \handler
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

#ifndef LOPI_SHARED
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
#endif

#else

/* What C functions may change. */
	.macro save_registers
	.irp	register, rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11
	pushq	%\register
	.cfi_adjust_cfa_offset 8
	.endr
	.endm

	.macro restore_registers
	.irp	register, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax
	popq	%\register
	.cfi_adjust_cfa_offset -8
	.endr
	.endm

/* As above. With the stub's two words and nine registers the stack is aligned, if the function's was. */
	.macro event name, handler, flags=0
	.globl	\name
	.hidden	\name
	.type	\name, @function
\name:
	.cfi_startproc
	.if	\flags
	pushfq
	.cfi_adjust_cfa_offset 8
	pushfq					/* and aligned again */
	.cfi_adjust_cfa_offset 8
	.endif
	save_registers
	movq	80 + 16 * \flags(%rsp), %rdi	/* the record */
	leaq	88 + 16 * \flags(%rsp), %rsi	/* where the return address is */
	call_handler \handler
	restore_registers
	.if	\flags
	popfq
	.cfi_adjust_cfa_offset -8
	popfq
	.cfi_adjust_cfa_offset -8
	.endif
	ret
	.cfi_endproc
	.size	\name, . - \name
	.endm

	event	lopi_enter, lopi_on_enter
	event	lopi_leave, lopi_on_leave
	event	lopi_enter_with_flags, lopi_on_enter, 1
	event	lopi_leave_with_flags, lopi_on_leave, 1

#ifndef LOPI_SHARED
/* As above, with rbx. The stack may be aligned in any way. */
	.globl	lopi_shadow_more
	.hidden	lopi_shadow_more
	.type	lopi_shadow_more, @function
lopi_shadow_more:
	.cfi_startproc
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbp, 0
	movq	%rsp, %rbp
	.cfi_def_cfa_register rbp
	.cfi_remember_state
	save_registers
	.cfi_restore_state
	.cfi_remember_state
	andq	$-16, %rsp
	movq	%rbx, %rdi
	call	lopi_on_shadow_more
	movq	%rax, %rbx
	leaq	-72(%rbp), %rsp
	restore_registers
	.cfi_restore_state
	popq	%rbp
	.cfi_def_cfa rsp, 8
	ret
	.cfi_endproc
	.size	lopi_shadow_more, . - lopi_shadow_more
#endif

#endif

	.section .note.GNU-stack, "", @progbits
