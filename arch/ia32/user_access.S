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
 * a fault, -2 if there was no NUL in `size` bytes (size > 0). Four at a time where they are aligned
 * in the program, so that they lie in one page.
 */
	.globl	user_copy_string
user_copy_string:
	pushl	%edi
	pushl	%esi
	pushl	%ebx
	movl	%eax, %edi
	movl	%edx, %esi
	subl	%edx, %edi		/* from an address there to the one here */
	leal	-3(%edx,%ecx), %ecx	/* from here on there are no four left */
	USER_ACCESS instruction_stac
	testb	$3, %dl
	jnz	10f
7:	cmpl	%ecx, %esi
	jae	10f
8:	movl	(%esi), %eax
	leal	-0x01010101(%eax), %ebx
	testl	$0x80808080, %ebx	/* no NUL, if all are ASCII */
	jnz	14f
17:	movl	%eax, (%esi,%edi)
	addl	$4, %esi
	cmpl	%ecx, %esi
	jb	8b
	jmp	10f
14:	testb	%al, %al
	jz	16f
	testb	%ah, %ah
	jz	18f
	testl	$0x00ff0000, %eax
	jz	18f
	testl	$0xff000000, %eax
	jnz	17b
	movl	%eax, (%esi,%edi)
	addl	$4, %esi
	jmp	11f
18:	movw	%ax, (%esi,%edi)	/* two, of which the second may be the NUL */
	addl	$2, %esi
	testb	%ah, %ah
	jz	11f
	movb	$0, (%esi,%edi)
	incl	%esi
	jmp	11f
9:	testl	$3, %esi
	jz	7b
10:	leal	-3(%esi), %ebx
	cmpl	%ecx, %ebx
	je	15f
16:	movb	(%esi), %al
	movb	%al, (%esi,%edi)
	incl	%esi
	testb	%al, %al
	jnz	9b
11:	movl	%esi, %eax
	subl	%edx, %eax
	decl	%eax
12:	USER_ACCESS instruction_clac
	popl	%ebx
	popl	%esi
	popl	%edi
	ret
13:	movl	$-1, %eax
	jmp	12b
15:	movl	$-2, %eax
	jmp	12b
	FIXUP	8b, 13b
	FIXUP	16b, 13b

	.section .rodata
instruction_stac:
	.byte	0x0f, 0x01, 0xcb
instruction_clac:
	.byte	0x0f, 0x01, 0xca
