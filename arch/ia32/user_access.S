/*
 * The instructions that touch a program's memory on the kernel's behalf. A fault in one of them that
 * the container cannot resolve goes on at its entry of the exception table, with the bytes that are
 * left in the result. Arguments in eax, edx, ecx (-mregparm=3).
 */
	.text

/* With SMAP, user memory is open to the kernel between stac and clac alone. */
.macro USER_ACCESS instruction
77:	.byte	0x0f, 0x1f, 0x00	/* a 3-byte no-operation, patched at boot */
	.pushsection .smap_patches, "a"
	.long	77b, \instruction
	.popsection
.endm

.macro FIXUP fault, resume
	.pushsection .exception_table, "a"
	.long	\fault, \resume
	.popsection
.endm

/* uint32_t user_copy(void *to, const void *from, uint32_t size): bytes not copied */
	.globl	user_copy
user_copy:
	pushl	%edi
	pushl	%esi
	movl	%eax, %edi
	movl	%edx, %esi
	movl	%ecx, %edx
	shrl	$2, %ecx
	USER_ACCESS instruction_stac
1:	rep movsl
	movl	%edx, %ecx
	andl	$3, %ecx
2:	rep movsb
3:	USER_ACCESS instruction_clac
	movl	%ecx, %eax
	popl	%esi
	popl	%edi
	ret
4:	andl	$3, %edx		/* dwords left, and the odd bytes */
	leal	(%edx,%ecx,4), %ecx
	jmp	3b
	FIXUP	1b, 4b
	FIXUP	2b, 3b

/* uint32_t user_fill_zero(void *to, uint32_t size): bytes not filled */
	.globl	user_fill_zero
user_fill_zero:
	pushl	%edi
	movl	%eax, %edi
	movl	%edx, %ecx
	xorl	%eax, %eax
	USER_ACCESS instruction_stac
5:	rep stosb
6:	USER_ACCESS instruction_clac
	movl	%ecx, %eax
	popl	%edi
	ret
	FIXUP	5b, 6b

/*
 * int32_t user_copy_string(char *to, const char *from, uint32_t size): length without the NUL, -1 on
 * a fault, -2 if there was no NUL in `size` bytes (size > 0)
 */
	.globl	user_copy_string
user_copy_string:
	pushl	%edi
	pushl	%esi
	movl	%eax, %edi
	movl	%edx, %esi
	USER_ACCESS instruction_stac
7:	lodsb
	stosb
	testb	%al, %al
	loopnz	7b
	jz	8f
	movl	$-2, %eax
	jmp	9f
8:	movl	%esi, %eax
	subl	%edx, %eax
	decl	%eax
9:	USER_ACCESS instruction_clac
	popl	%esi
	popl	%edi
	ret
10:	movl	$-1, %eax
	jmp	9b
	FIXUP	7b, 10b

	.section .rodata
instruction_stac:
	.byte	0x0f, 0x01, 0xcb
instruction_clac:
	.byte	0x0f, 0x01, 0xca
