/*
 * The code of return frames. Functions return to it; it finds the frame's data by the distance behind the
 * call, which is also how unwinders get past it: as in paired stubs (unwind.c), the frame passes for that of
 * a signal, and if the return address leads to another return frame, after a tail call, that one's counts.
 */
#include "frames.h"

	.text
	.balign	16
	.globl	lopi_trampolines
	.hidden	lopi_trampolines
	.cfi_startproc
	.cfi_signal_frame
#ifdef __i386__
	.cfi_def_cfa esp, 0
	/* val_expression of the return address: of the frame, for as long as it has the mark */
	.cfi_escape 0x16, 8, 25
	.cfi_escape 0x78, 0					/* breg8: where it returned to */
	.cfi_escape 0x23, LOPI_TRAMPOLINE_DISTANCE, 0x12, 0x06, 0x22, 0x33, 0x1c, 0x06
	.cfi_escape 0x12, 0x23, 12, 0x06, 0x0c, 'L', 'O', 'P', 'I', 0x29, 0x28, 0xeb, 0xff
	.cfi_escape 0x31, 0x1c					/* lit1, minus */
#else
	.cfi_def_cfa rsp, 0
	/* the same, with 4 of 8 bytes where there are no more */
	.cfi_escape 0x16, 16, 27
	.cfi_escape 0x80, 0
	.cfi_escape 0x23, LOPI_TRAMPOLINE_DISTANCE, 0x12, 0x94, 4, 0x22, 0x33, 0x1c, 0x06
	.cfi_escape 0x12, 0x23, 12, 0x94, 4, 0x0c, 'L', 'O', 'P', 'I', 0x29, 0x28, 0xe9, 0xff
	.cfi_escape 0x31, 0x1c
#endif
	.skip	16, 0x90		/* unwinders look one byte before the address */
lopi_trampolines:
	.set	frame, 0
	.rept	LOPI_FRAMES
	call	lopi_frame_leave
	.byte	0x0f, 0x1f, 0x00		/* nopl (%eax), nopl (%rax) */
	.long	lopi_frame_pool + frame + 3 - .
	.ascii	"LOPI"
	.set	frame, frame + LOPI_FRAME_SIZE
	.endr
	.cfi_endproc

	.section .note.GNU-stack, "", @progbits
