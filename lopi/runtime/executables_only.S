/*
 * Records are at a distance from the thread pointer that is known in executables alone. Not all linkers see that a
 * shared object cannot have them. So here is what none of them accepts there: a symbol that the linkers of the GNU
 * project define in executables, and a distance from the global offset table to one that others may define, too.
 */
#ifdef __i386__
	.text
	.globl	lopi_for_executables_only
	.type	lopi_for_executables_only, @function
lopi_for_executables_only:
	leal	lopi_executables_only@GOTOFF(%eax), %eax
	ret
	.size	lopi_for_executables_only, . - lopi_for_executables_only

	.data
	.hidden	__executable_start
	.globl	lopi_executables_only
	.type	lopi_executables_only, @object
lopi_executables_only:
	.long	__executable_start - .
	.size	lopi_executables_only, . - lopi_executables_only

#else
/* On x86-64 all linkers refuse the records' relocation, R_X86_64_TPOFF32. */
	.section .rodata, "a", @progbits
	.globl	lopi_executables_only
	.type	lopi_executables_only, @object
lopi_executables_only:
	.long	0
	.size	lopi_executables_only, . - lopi_executables_only
#endif

	.section .note.GNU-stack, "", @progbits
