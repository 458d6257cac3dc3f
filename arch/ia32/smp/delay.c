/*
 * Waiting by the counter of the 8254, which is read as it runs.
 */
#include "arch/ia32/smp/delay.h"

#include "arch/ia32/pit.h"
#include "kernel/lib/arithmetic.h"
#include "kernel/time/timer.h"

void delay(uint32_t microseconds)
{
	uint32_t left = divide64((uint64_t)microseconds * PIT_HZ, 1000000) + 1;
	uint32_t last = pit_read();

	for (;;) {
		const uint32_t now = pit_read();
		const uint32_t passed =
			last >= now ? last - now : last + PIT_DIVISOR(TICK_HZ) - now;
		if (passed >= left)
			return;
		left -= passed;
		last = now;
	}
}
