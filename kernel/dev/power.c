/*
 * Switching off, by the means that the machine has.
 */
#include "kernel/dev/power.h"

#include <castle/abi.h>
#include <castle/errno.h>
#include "arch/ia32/acpi.h"
#include "arch/ia32/cpu.h"
#include "arch/ia32/processors.h"
#include "kernel/debug/panic.h"
#include "kernel/debug/race.h"
#include "kernel/debug/trace.h"
#include "kernel/dev/uart.h"
#include "kernel/lib/print.h"
#include "kernel/lock/driver_lock.h"

#define QEMU_DEBUG_EXIT 0xf4
#define STATUS_MAX      127u

#define BOCHS_SHUTDOWN 0x8900 /* Bochs: this port takes the word "Shutdown" */

#define RESET_CONTROL 0xcf9 /* of Intel's chipsets since the PIIX3 */
#define RESET_HARD    0x02
#define RESET_NOW     0x04

#define KEYBOARD_COMMAND     0x64
#define KEYBOARD_PULSE_RESET 0xfe

#define DIAGNOSTIC_PORT         0x80 /* a read takes about a microsecond on a PC */
#define MICROSECONDS_TO_THE_END 500000

/* What the event log and the console still hold goes out; from here on nothing else runs. */
static void wind_up(uint32_t status)
{
	interrupts_off();
	processors_stop();
	uart_poll_from_now();
	trace_dump(status == PANIC_STATUS);
}

void power_off(uint32_t status)
{
	wind_up(status);
	status = races_show(status);
	/*
	 * Not every machine hands a status to its user, and a reset may look like an orderly end.
	 */
	kprintf("Castle: power off, status %u\n", status);
	uart_drain();
	if (status != 0)
		out8(QEMU_DEBUG_EXIT, status > STATUS_MAX ? STATUS_MAX : status);
	acpi_power_off();
	for (const char *c = "Shutdown"; *c; c++)
		out8(BOCHS_SHUTDOWN, *c);
	/*
	 * The machine goes off while the processor still runs: for a moment, which reads measure.
	 */
	for (unsigned reads = 0; reads < MICROSECONDS_TO_THE_END; reads++)
		in8(DIAGNOSTIC_PORT);
	kprintf("Castle has stopped with status %u; it is safe to switch off\n", status);
	cpu_halt_forever();
}

/* By the chipset's register, or by the keyboard controller, which has the reset line. */
static __attribute__((noreturn)) void power_reset(void)
{
	wind_up(0);
	kprintf("Castle: reboot\n");
	uart_drain();
	out8(RESET_CONTROL, RESET_HARD);
	out8(RESET_CONTROL, RESET_HARD | RESET_NOW);
	out8(KEYBOARD_COMMAND, KEYBOARD_PULSE_RESET);
	cpu_halt_forever();
}

/* Two processors that stop each other would both have stopped. */
static struct driver_lock power_lock UNGUARDED("a lock");

int32_t sys_poweroff(uint32_t status)
{
	if (status > STATUS_MAX && status != CASTLE_REBOOT)
		return -EINVAL;
	driver_enter(&power_lock);
	if (status == CASTLE_REBOOT)
		power_reset();
	power_off(status);
}
