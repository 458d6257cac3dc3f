/*
 * What a partition has instead of the machine's devices: the timer of its own local APIC (Intel SDM
 * volume 3, section 11.5.4), the time of day that the monitor read, the command line that the
 * monitor wrote, and the monitor itself in place of the power switch.
 */
#include <castle/errno.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/interrupt.h"
#include "arch/ia32/processors.h"
#include "arch/ia32/smp/slot.h"
#include "kernel/calls/info.h"
#include "kernel/debug/panic.h"
#include "kernel/dev/pci.h"
#include "kernel/lib/arithmetic.h"
#include "kernel/lib/print.h"
#include "kernel/lock/domain.h"
#include "kernel/partition/inside/here.h"
#include "kernel/partition/inside/wrapped.h"

#define STATUS_MAX 127u

#define APIC_TIMER        (CPU_LOCAL_APIC + 0x320)
#define APIC_TIMER_COUNT  (CPU_LOCAL_APIC + 0x380)
#define APIC_TIMER_DIVIDE (CPU_LOCAL_APIC + 0x3e0)
#define LVT_PERIODIC      0x20000u
#define DIVIDE_BY_16      3u /* as the monitor measured it */

struct partition_area *partition_area SET_AT_BOOT;
uint32_t partition_number SET_AT_BOOT;

static void (*timer_handler)(void) SET_AT_BOOT;

static void apic_write(uint32_t at, uint32_t value)
{
	*(volatile uint32_t *)at = value;
}

/* Tells the others when this partition has got to its first program. */
static void timer_interrupt(void)
{
	if (!partition_here()->up_cycles)
		partition_here()->up_cycles = boot_first_user_cycles;
	timer_handler();
}

/* It ticks TICK_HZ times a second, which is what the monitor's count is for. */
void __wrap_pit_start(uint32_t hz, void (*handler)(void))
{
	(void)hz;
	timer_handler = handler;
	interrupt_register(INTERRUPT_TIMER, timer_interrupt);
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_16);
	apic_write(APIC_TIMER, LVT_PERIODIC | (VECTOR_INTERRUPTS + INTERRUPT_TIMER));
	apic_write(APIC_TIMER_COUNT, partition_area->timer_count);
}

/* The clock's two ports are one device: two processors that read it at once would not. */
uint32_t __wrap_rtc_read_seconds(void)
{
	const uint64_t cycles = cpu_cycles() - partition_area->boot_cycles;

	return partition_area->boot_seconds +
	       (uint32_t)divide64(cycles, partition_area->cycles_per_ms) / 1000;
}

/* The machine's command line is the monitor's. */
int __wrap_fw_cfg_read_string(const char *name, char *buffer, uint32_t size)
{
	(void)name;
	(void)buffer;
	(void)size;
	return -ENOENT;
}

/* Cards are nobody's. */
bool __wrap_pci_find(uint16_t vendor, uint16_t kind, uint32_t number, struct pci_device *device)
{
	(void)vendor, (void)kind, (void)number, (void)device;
	return false;
}

void __wrap_power_off(uint32_t status)
{
	interrupts_off();
	processors_stop();
	kprintf(status == PANIC_STATUS ? "Castle: partition %u has died\n"
				       : "Castle: partition %u has ended, status %u\n",
		partition_number, status);
	partition_leave(status);
}

int32_t __wrap_sys_poweroff(uint32_t status)
{
	if (status > STATUS_MAX)
		return -EINVAL;
	__wrap_power_off(status);
}
