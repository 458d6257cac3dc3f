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

#ifndef LOPI_KERNEL
/*
 * Goes on in a function of the C library. A position-independent program may have it in another object, and its
 * entry in the PLT wants the caller's ebx to point to the global offset table; but a caller compiled with
 * -fno-plt has that address in any register, or in none. So the table is found here: ecx is free, because
 * arguments are on the stack.
 */
	.macro go_on name
	.weak	\name
#ifdef __PIC__
	call	lopi_where_ecx
	addl	$_GLOBAL_OFFSET_TABLE_, %ecx
	jmp	*\name\()@GOT(%ecx)
#else
	jmp	\name
#endif
	.endm

#ifdef __PIC__
lopi_where_ecx:
	.cfi_startproc
	movl	(%esp), %ecx
	ret
	.cfi_endproc
	.size	lopi_where_ecx, . - lopi_where_ecx
#endif

/*
 * In instrumented objects these stand for the functions of their names. Functions are left for good with them, and
 * the count tells readers of the results that returns are missing.
 */
	.macro instead name
	.globl	lopi_\name
	.hidden	lopi_\name
	.type	lopi_\name, @function
lopi_\name:
	.cfi_startproc
	.endm

	.macro ends name
	go_on	\name
	.cfi_endproc
	.size	lopi_\name, . - lopi_\name
	.endm

	.macro throw name
	instead	\name
	incl	%gs:lopi_jumps@ntpoff
	ends	\name
	.endm

	throw	__cxa_throw
	throw	__cxa_rethrow

/* Where the jump leads to is known by its buffer, the first argument. */
	.macro jump name
	instead	\name
	incl	%gs:lopi_jumps@ntpoff
	movl	4(%esp), %eax
	call	lopi_on_longjmp
	ends	\name
	.endm

	jump	longjmp
	jump	_longjmp
	jump	siglongjmp
	jump	__longjmp_chk

	.macro mark name
	instead	\name
	movl	4(%esp), %eax
	call	lopi_on_setjmp
	ends	\name
	.endm

	mark	setjmp
	mark	_setjmp
	mark	__sigsetjmp
#endif

	.section .note.GNU-stack, "", @progbits
