/*
 * The stub at CASTLE_CALL_ENTRY of the kernel page, in its two versions; trap_init() copies one there.
 * With sysenter, the kernel comes back to CASTLE_SYSENTER_RETURN, which is the stub's `ret`.
 */
#include "arch/ia32/trap.h"

	.section .rodata
	.globl	call_stub_sysenter, call_stub_sysenter_end, call_stub_int80, call_stub_int80_end
call_stub_sysenter:
	movl	%esp, %ecx
	sysenter
	ret
call_stub_sysenter_end:
call_stub_int80:
	int	$VECTOR_SYSCALL
	ret
call_stub_int80_end:
