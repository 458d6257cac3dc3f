/*
 * Programming the local APIC (Intel SDM volume 3, chapter 11; register offsets: table 11-1).
 */
#include "arch/ia32/smp/apic.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/smp/delay.h"
#include "arch/ia32/smp/slot.h"

#define APIC_ID            0x020
#define APIC_TASK_PRIORITY 0x080
#define APIC_END           0x0b0
#define APIC_SPURIOUS      0x0f0
#define APIC_COMMAND_LOW   0x300
#define APIC_COMMAND_HIGH  0x310
#define APIC_TIMER         0x320
#define APIC_LINT0         0x350
#define APIC_LINT1         0x360
#define APIC_TIMER_COUNT   0x380
#define APIC_TIMER_CURRENT 0x390
#define APIC_TIMER_DIVIDE  0x3e0

#define SPURIOUS_ENABLE 0x100u

#define LVT_MASKED   0x10000u
#define LVT_PERIODIC 0x20000u
#define LVT_NMI      0x00400u
#define LVT_EXTINT   0x00700u

#define COMMAND_NMI     0x00400u
#define COMMAND_INIT    0x00500u
#define COMMAND_STARTUP 0x00600u
#define COMMAND_PENDING 0x01000u
#define COMMAND_ASSERT  0x04000u

#define DIVIDE_BY_16 3u

static uint32_t apic_read(uint32_t offset)
{
	return *(volatile uint32_t *)(CPU_LOCAL_APIC + offset);
}

static void apic_write(uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)(CPU_LOCAL_APIC + offset) = value;
}

static uint32_t line_vector(uint32_t line)
{
	return VECTOR_INTERRUPTS + line;
}

void apic_init_processor(bool takes_devices, uint32_t spurious_line)
{
	apic_write(APIC_TASK_PRIORITY, 0);
	apic_write(APIC_LINT0, takes_devices ? LVT_EXTINT : LVT_MASKED);
	apic_write(APIC_LINT1, takes_devices ? LVT_NMI : LVT_MASKED);
	apic_write(APIC_TIMER, LVT_MASKED);
	apic_write(APIC_SPURIOUS, SPURIOUS_ENABLE | line_vector(spurious_line));
}

uint32_t apic_id(void)
{
	return apic_read(APIC_ID) >> 24;
}

static void command_send(uint32_t destination, uint32_t command)
{
	while (apic_read(APIC_COMMAND_LOW) & COMMAND_PENDING)
		cpu_pause();
	apic_write(APIC_COMMAND_HIGH, destination << 24);
	apic_write(APIC_COMMAND_LOW, command | COMMAND_ASSERT);
}

void apic_send(uint32_t apic_id, uint32_t line)
{
	command_send(apic_id, line_vector(line));
}

void apic_send_nmi(uint32_t apic_id)
{
	command_send(apic_id, COMMAND_NMI);
}

void apic_send_init(uint32_t apic_id)
{
	command_send(apic_id, COMMAND_INIT);
}

void apic_send_startup(uint32_t apic_id, uint32_t page)
{
	command_send(apic_id, COMMAND_STARTUP | page >> 12);
}

uint32_t apic_timer_measure(uint32_t microseconds)
{
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_16);
	apic_write(APIC_TIMER, LVT_MASKED);
	apic_write(APIC_TIMER_COUNT, UINT32_MAX);
	delay(microseconds);
	return UINT32_MAX - apic_read(APIC_TIMER_CURRENT);
}

void apic_timer_start(uint32_t count, bool periodic)
{
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_16);
	apic_write(APIC_TIMER, line_vector(APIC_LINE_TIMER) | (periodic ? LVT_PERIODIC : 0));
	apic_write(APIC_TIMER_COUNT, count);
}

void apic_timer_stop(void)
{
	apic_write(APIC_TIMER, LVT_MASKED);
}

void apic_end_interrupt(void)
{
	apic_write(APIC_END, 0);
}

static void controller_init(void)
{
	interrupt_controller_8259.init();
	apic_init_processor(device_cpu == cpu_number, APIC_LINE_SPURIOUS);
}

static void controller_enable(uint32_t line)
{
	if (line < INTERRUPT_LINES_8259)
		interrupt_controller_8259.enable(line);
}

static bool controller_acknowledge(uint32_t line)
{
	if (line < INTERRUPT_LINES_8259)
		return interrupt_controller_8259.acknowledge(line);
	if (line == APIC_LINE_SPURIOUS)
		return false;
	apic_end_interrupt();
	return true;
}

const struct interrupt_controller interrupt_controller_apic = {
	.init = controller_init,
	.enable = controller_enable,
	.acknowledge = controller_acknowledge,
};
