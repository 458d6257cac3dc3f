/*
 * Registers by the names of the driver's interface.
 */
#include "kernel/appkern/ia32/registers.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/segments.h"

void registers_init(struct application_registers *registers)
{
	registers->frame.cs = SEGMENT_USER_CODE;
	registers->frame.ss = SEGMENT_USER_DATA;
	registers->frame.eflags = EFLAGS_FIXED | EFLAGS_IF;
}

/* The registers of a trap frame that a program may name, in the order of both structures. */
static void general_set(struct trap_frame *frame, const struct castle_apkern_registers *values)
{
	frame->edi = values->edi;
	frame->esi = values->esi;
	frame->ebp = values->ebp;
	frame->ebx = values->ebx;
	frame->edx = values->edx;
	frame->ecx = values->ecx;
	frame->eax = values->eax;
	frame->eip = values->eip;
	frame->eflags = (values->eflags & EFLAGS_USER) | EFLAGS_FIXED | EFLAGS_IF;
	frame->esp = values->esp;
}

void registers_set(struct application_registers *registers,
		   const struct castle_apkern_registers *values)
{
	if (values->flags & CASTLE_APKERN_GENERAL)
		general_set(&registers->frame, values);
	if (values->flags & CASTLE_APKERN_TLS)
		registers->tls = values->tls;
}

void registers_get(const struct application_registers *registers,
		   struct castle_apkern_registers *values)
{
	const struct trap_frame *frame = &registers->frame;

	values->edi = frame->edi;
	values->esi = frame->esi;
	values->ebp = frame->ebp;
	values->ebx = frame->ebx;
	values->edx = frame->edx;
	values->ecx = frame->ecx;
	values->eax = frame->eax;
	values->eip = frame->eip;
	values->eflags = frame->eflags;
	values->esp = frame->esp;
	values->tls = registers->tls;
}

void registers_set_fpu(struct application_registers *registers, struct fpu_image *image)
{
	fpu_image_sanitise(image);
	registers->fpu = *image;
	registers->fpu_used = true;
}
