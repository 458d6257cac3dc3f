/*
 * Reading the 8254's counter as it runs (Intel 8254 data sheet, counter latch command).
 */
#include "arch/ia32/smp/delay.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/pit.h"
#include "kernel/lib/arithmetic.h"
#include "kernel/time/timer.h"

#define MODE_CHANNEL_0_LATCH 0x00

static uint32_t counter_read(void)
{
	uint32_t low;

	out8(PIT_MODE, MODE_CHANNEL_0_LATCH);
	low = in8(PIT_CHANNEL_0);
	return low | (uint32_t)in8(PIT_CHANNEL_0) << 8;
}

void delay(uint32_t microseconds)
{
	uint32_t left = divide64((uint64_t)microseconds * PIT_HZ, 1000000) + 1;
	uint32_t last = counter_read();

	for (;;) {
		const uint32_t now = counter_read();
		const uint32_t passed =
			last >= now ? last - now : last + PIT_DIVISOR(TICK_HZ) - now;
		if (passed >= left)
			return;
		left -= passed;
		last = now;
	}
}
