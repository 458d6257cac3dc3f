/*
 * What uapps/package.ld defines for programs that gcc's linker makes, for those that tcc makes: they have no thread-local
 * variables, and the C library's words at the end of the first page of the stack are where they always are.
 */
#include <castle/address_map.h>
#include <castle/kernel_page.h>

	.globl	__castle_call_entry
	.set	__castle_call_entry, CASTLE_CALL_ENTRY

	.globl	environ, __castle_first_reent, __castle_program_path
	.set	__castle_first_reent, CASTLE_STACK_ARGUMENTS_END
	.set	__castle_program_path, CASTLE_STACK_END - 8
	.set	environ, CASTLE_STACK_END - 4

	.globl	__tdata_start, __tdata_size, __tls_align, __tls_size
	.set	__tdata_start, 0
	.set	__tdata_size, 0
	.set	__tls_align, 1
	.set	__tls_size, 0

	.section .note.GNU-stack, "", @progbits
