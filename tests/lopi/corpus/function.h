/* A function in assembly, with all that a symbol can say of it. */
.macro function name.globl	\name.type	\name,
	@function
\name :.endm

		.macro end name.size	\name,
	.- \name.endm
