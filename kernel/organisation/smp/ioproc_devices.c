/*
 * What I/O processors do: they look at the devices, one after the other, for ever, and run what
 * these have to say, as first and second level, one after the other. The first one has the console
 * and the network cards, and the timer, too, unless there is a second one, whose that is.
 *
 * The 8259 lets no interrupt through. What is left are those by which processors call each other,
 * which are let in at the second level.
 */
#include "arch/ia32/cpu.h"
#include "arch/ia32/interrupt.h"
#include "arch/ia32/pit.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/calls/info.h"
#include "kernel/dev/keyboard.h"
#include "kernel/dev/uart.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/lock/domain.h"
#include "kernel/net/work.h"
#include "kernel/organisation/smp/ioproc.h"

/* Looks at other devices for each look at the timer, whose counter takes three accesses to read. A
 * tick must not pass between two. */
#define TIMER_EVERY 8u

/* The boot processor has come here: the kernel is complete. */
static volatile bool serving UNGUARDED("only ever set, by the boot processor");

/* The 8254 counts down to the next tick: if it has gone up, there was one. */
static void timer_poll(uint32_t *last)
{
	const uint32_t now = pit_read();

	if (now > *last)
		interrupt_dispatch(INTERRUPT_TIMER);
	*last = now;
}

static void devices_poll(void)
{
	uart_poll();
	keyboard_poll();
	ethernet_poll();
}

/*
 * Interrupts are on: the calls of other processors, one of which may wait for the answer with the
 * very lock that is waited for here.
 */
static void second_level_run(void)
{
	interrupts_on();
	cpu_pause();
	if (supervisor_pending())
		supervisor_run();
	ioproc_rings_remind();
	interrupts_off();
}

static bool is_last(void)
{
	return cpu_number == ioproc_count - 1;
}

void ioproc_serve(void)
{
	uint32_t counter = 0;

	interrupts_off();
	apic_timer_stop();
	if (cpu_number == device_cpu) {
		boot_first_user_cycles = cpu_cycles();
		serving = true;
	}
	while (!serving)
		cpu_pause();
	for (uint32_t turn = 0;; turn++) {
		if (cpu_number == device_cpu)
			devices_poll();
		if (is_last() && turn % TIMER_EVERY == 0)
			timer_poll(&counter);
		second_level_run();
	}
}
