/*
 * A processor that is too old for the kernel's very code (compiled for the Pentium Pro, and the clock
 * is the cycle counter): a sentence on the first serial line and on the screen, then off with the
 * status of a machine that has too little. Nothing but the first processors' instructions here, and
 * no kernel: Intel SDM volume 1, section 20.1 (finding CPUID), volume 2, CPUID.
 */
#define EFLAGS_ID      (1 << 21)	/* can be changed if there is CPUID */
#define NEEDED         (1 << 3 | 1 << 4 | 1 << 15) /* leaf 1, edx: 4 MB pages, cycle counter, cmov */
#define COM1           0x3f8
#define COM1_STATUS    (COM1 + 5)
#define COM1_FREE      0x20	/* the transmitter's register is empty */
#define SCREEN         0xb8000
#define SCREEN_WHITE   0x0f
#define QEMU_EXIT      0xf4	/* as kernel/dev/power.c */
#define STATUS_TOO_OLD 2

	.section .rodata
sentence:
	.asciz	"Castle: this processor is too old: a Pentium Pro or a later one is needed\r\nCastle: power off, status 2\r\n"

	.text
	.globl	boot_processor_check
/* Returns if the processor will do; keeps all but ecx, edx and the flags. */
boot_processor_check:
	pushl	%eax
	pushl	%ebx
	pushfl				/* the flag can be changed? */
	popl	%eax
	movl	%eax, %ecx
	xorl	$EFLAGS_ID, %eax
	pushl	%eax
	popfl
	pushfl
	popl	%eax
	cmpl	%ecx, %eax
	je	too_old
	xorl	%eax, %eax		/* leaf 1 is there? */
	cpuid
	testl	%eax, %eax
	jz	too_old
	movl	$1, %eax
	cpuid
	andl	$NEEDED, %edx
	cmpl	$NEEDED, %edx
	jne	too_old
	popl	%ebx
	popl	%eax
	ret

too_old:
	movl	$sentence, %esi
	movl	$SCREEN, %edi
	cld
1:	movl	$COM1_STATUS, %edx
	inb	%dx, %al
	testb	$COM1_FREE, %al
	jz	1b
	lodsb
	testb	%al, %al
	jz	2f
	movl	$COM1, %edx
	outb	%al, %dx
	movb	$SCREEN_WHITE, %ah
	cmpb	$' ', %al		/* the screen has no use for the ends of lines */
	jb	1b
	stosw
	jmp	1b
2:	movb	$STATUS_TOO_OLD, %al
	outb	%al, $QEMU_EXIT
3:	cli
	hlt
	jmp	3b
