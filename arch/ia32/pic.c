/*
 * The 8259A interrupt controller pair of a PC (Intel 8259A data sheet), in its ordinary mode: lines
 * 0 to 7 on the first, 8 to 15 on the second, which is wired to line 2 of the first.
 */
#include "arch/ia32/cpu.h"
#include "arch/ia32/interrupt.h"
#include "arch/ia32/trap.h"
#include "kernel/lock/domain.h"

#define PIC1_COMMAND 0x20
#define PIC1_DATA    0x21
#define PIC2_COMMAND 0xa0
#define PIC2_DATA    0xa1

#define ICW1_INIT_WITH_ICW4 0x11
#define ICW4_8086           0x01
#define CASCADE_LINE        2
#define OCW2_END            0x20
#define OCW3_READ_SERVICE   0x0b

static uint16_t masked SET_AT_BOOT = (uint16_t) ~(1 << CASCADE_LINE);

static void pic_write_mask(void)
{
	out8(PIC1_DATA, masked & 0xff);
	out8(PIC2_DATA, masked >> 8);
}

static void pic_init(void)
{
	out8(PIC1_COMMAND, ICW1_INIT_WITH_ICW4);
	out8(PIC2_COMMAND, ICW1_INIT_WITH_ICW4);
	out8(PIC1_DATA, VECTOR_INTERRUPTS);
	out8(PIC2_DATA, VECTOR_INTERRUPTS + 8);
	out8(PIC1_DATA, 1 << CASCADE_LINE);
	out8(PIC2_DATA, CASCADE_LINE);
	out8(PIC1_DATA, ICW4_8086);
	out8(PIC2_DATA, ICW4_8086);
	pic_write_mask();
}

static void pic_enable(uint32_t line)
{
	masked &= ~(1 << line);
	pic_write_mask();
}

/* Lines 7 and 15 may be reported without cause; the in-service register then has no such bit. */
static bool pic_in_service(uint32_t line)
{
	const uint16_t port = line < 8 ? PIC1_COMMAND : PIC2_COMMAND;
	out8(port, OCW3_READ_SERVICE);
	return in8(port) & 0x80;
}

static bool pic_acknowledge(uint32_t line)
{
	const bool real = (line & 7) != 7 || pic_in_service(line);

	if (real && line >= 8)
		out8(PIC2_COMMAND, OCW2_END);
	if (real || line >= 8)
		out8(PIC1_COMMAND, OCW2_END);
	return real;
}

const struct interrupt_controller interrupt_controller_8259 = {
	.init = pic_init,
	.enable = pic_enable,
	.acknowledge = pic_acknowledge,
};
