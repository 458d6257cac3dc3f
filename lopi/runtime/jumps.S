/*
 * How instrumented objects leave functions for good. A file of its own, so that programs that do not are not looked
 * through for what they would need.
 */
	.text

/*
 * Goes on in a function of the C library. A position-independent program may have it in another object, and its
 * entry in the PLT wants the caller's ebx to point to the global offset table; but a caller compiled with
 * -fno-plt has that address in any register, or in none. So the table is found here: ecx is free, because
 * arguments are on the stack. x86-64 needs none of that.
 */
	.macro go_on name
	.weak	\name
#if defined(__x86_64__)
	jmp	*\name\()@GOTPCREL(%rip)
#elif defined(__PIC__)
	find_table
	jmp	*\name\()@GOT(%ecx)
#else
	jmp	\name
#endif
	.endm

#if defined(__PIC__) && defined(__i386__)
	.macro find_table
	call	lopi_where_ecx
	addl	$_GLOBAL_OFFSET_TABLE_, %ecx
	.endm

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

/* Counts a jump; calls what is given with the first argument, keeping the two that there are. */
#ifdef __i386__
	.macro count_jump
#ifdef LOPI_SHARED
	find_table
	movl	lopi_jumps@gotntpoff(%ecx), %ecx
	incl	%gs:(%ecx)
#else
	incl	%gs:lopi_jumps@ntpoff
#endif
	.endm

	.macro tell handler
	movl	4(%esp), %eax
#ifdef LOPI_SHARED
	find_table
	call	*\handler\()@GOT(%ecx)
#else
	call	\handler
#endif
	.endm
#else
	.macro count_jump
#ifdef LOPI_SHARED
	movq	lopi_jumps@gottpoff(%rip), %r11
	incl	%fs:(%r11)
#else
	incl	%fs:lopi_jumps@tpoff
#endif
	.endm

	.macro tell handler
	pushq	%rdi
	.cfi_adjust_cfa_offset 8
	pushq	%rsi
	.cfi_adjust_cfa_offset 8
	pushq	%rsi				/* and aligned */
	.cfi_adjust_cfa_offset 8
#ifdef LOPI_SHARED
	call	*\handler\()@GOTPCREL(%rip)
#else
	call	\handler
#endif
	popq	%rsi
	.cfi_adjust_cfa_offset -8
	popq	%rsi
	.cfi_adjust_cfa_offset -8
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	.endm
#endif

	.macro throw name
	instead	\name
	count_jump
	ends	\name
	.endm

	throw	__cxa_throw
	throw	__cxa_rethrow

/* Where the jump leads to is known by its buffer, the first argument. */
	.macro jump name
	instead	\name
	count_jump
	tell	lopi_on_longjmp
	ends	\name
	.endm

	jump	longjmp
	jump	_longjmp
	jump	siglongjmp
	jump	__longjmp_chk

	.macro mark name
	instead	\name
	tell	lopi_on_setjmp
	ends	\name
	.endm

	mark	setjmp
	mark	_setjmp
	mark	__sigsetjmp

	.section .note.GNU-stack, "", @progbits
