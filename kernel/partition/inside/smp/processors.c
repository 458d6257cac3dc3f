/*
 * The processors of a partition that has several: which they are, how they start, and how they
 * end. The monitor knows the first one alone, on which the kernel starts. So whichever of them
 * ends the partition, the first one goes back to the monitor, and the others have been reset: the
 * next life finds them as the machine's reset does.
 */
#include "kernel/partition/inside/smp/processors.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/processors.h"
#include "arch/ia32/smp/find.h"
#include "arch/ia32/smp/start.h"
#include "arch/ia32/trap.h"
#include "kernel/lib/arithmetic.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/partition/inside/here.h"
#include "kernel/partition/trampoline.h"
#include "kernel/smp/processors.h"

#define MICROSECONDS_PER_MS 1000u

/* Others than the first one run, or may. */
static bool several_run SET_AT_BOOT;

/* Another one has ended the partition with this status. */
static volatile bool leaving UNGUARDED("only ever set, when the others are stopped");
static volatile uint32_t leaving_status UNGUARDED("written before `leaving`");

bool __wrap_processors_list(struct processor_list *list)
{
	const struct partition *here = partition_here();

	memset(list, 0, sizeof *list);
	list->apic_address = partition_area->apic_address;
	list->count = here->cpus;
	memcpy(list->apic_ids, here->apic_ids, here->cpus);
	return true;
}

void __wrap_delay(uint32_t microseconds)
{
	const uint64_t start = cpu_cycles();
	const uint64_t cycles = divide64((uint64_t)microseconds * partition_area->cycles_per_ms,
					 MICROSECONDS_PER_MS);

	while (cpu_cycles() - start < cycles)
		cpu_pause();
}

uint32_t __wrap_apic_timer_measure(uint32_t microseconds)
{
	(void)microseconds;
	return partition_area->timer_count;
}

int partition_processors_start(void)
{
	int error;

	trampoline_take(partition_area, partition_number);
	several_run = true;
	error = processors_start();
	trampoline_give_back(partition_area, partition_number);
	return error;
}

/* On the first processor. */
__attribute__((noreturn)) static void partition_leave_first(uint32_t status)
{
	struct processor_list list;

	if (several_run) {
		__wrap_processors_list(&list);
		processors_reset(&list);
	}
	partition_area->leave(partition_number, status);
	cpu_halt_forever();
}

void partition_leave(uint32_t status)
{
	if (!several_run || cpu_number == 0)
		partition_leave_first(status);
	leaving_status = status;
	__atomic_store_n(&leaving, true, __ATOMIC_RELEASE);
	cpu_halt_forever();
}

/* Whoever stops the others prints its last words first. */
void __wrap_trap_nmi(struct trap_frame *frame)
{
	if (!processors_are_stopping() || cpu_number != 0)
		__real_trap_nmi(frame);
	processor_has_stopped();
	while (!__atomic_load_n(&leaving, __ATOMIC_ACQUIRE))
		cpu_pause();
	partition_leave_first(leaving_status);
}
