/*
 * The system timer: channel 0 of the 8254 (Intel 8254 data sheet), as a rate generator.
 */
#include "arch/ia32/pit.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/interrupt.h"

#define MODE_CHANNEL_0_RATE  0x34 /* low byte, then high byte; mode 2; binary */
#define MODE_CHANNEL_0_LATCH 0x00 /* the counter latch command */

void pit_start(uint32_t hz, void (*handler)(void))
{
	const uint32_t divisor = PIT_DIVISOR(hz);

	out8(PIT_MODE, MODE_CHANNEL_0_RATE);
	out8(PIT_CHANNEL_0, divisor & 0xff);
	out8(PIT_CHANNEL_0, divisor >> 8);
	interrupt_register(INTERRUPT_TIMER, handler);
}

uint32_t pit_read(void)
{
	uint32_t low;

	out8(PIT_MODE, MODE_CHANNEL_0_LATCH);
	low = in8(PIT_CHANNEL_0);
	return low | (uint32_t)in8(PIT_CHANNEL_0) << 8;
}
