/*
 * The life of the further processors: found, started (arch/ia32/smp/start.h), running
 * threads, stopped with the machine.
 */
#include "arch/ia32/processors.h"

#include <castle/errno.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/fpu.h"
#include "arch/ia32/paging.h"
#include "arch/ia32/processor.h"
#include "arch/ia32/reference.h"
#include "arch/ia32/segments.h"
#include "arch/ia32/smp/apic.h"
#include "arch/ia32/smp/delay.h"
#include "arch/ia32/smp/find.h"
#include "arch/ia32/smp/start.h"
#include "kernel/lib/options.h"
#include "kernel/debug/lock_order.h"
#include "kernel/debug/trace.h"
#include "kernel/dev/uart.h"
#include "kernel/lock/domain.h"
#include "kernel/organisation/organisation.h"
#include "kernel/mem/kernel_page.h"
#include "kernel/mem/page.h"
#include "kernel/sched/placement.h"
#include "kernel/sched/scheduler.h"
#include "kernel/sched/thread.h"
#include "kernel/smp/container_directories.h"
#include "kernel/smp/cross_call.h"
#include "kernel/smp/giant_lock.h"
#include "kernel/smp/processors.h"
#include "kernel/smp/tick.h"

/* For the others to stop: a host may be busy elsewhere; one that is broken never does. */
#define STOP_MICROSECONDS 100u
#define STOP_TRIES        5000u

extern CPU_LOCAL const char *kernel_stack_top;

/* Set by each further processor when it has reached the kernel. */
static CPU_LOCAL volatile bool processor_started;

uint32_t device_cpu SET_AT_BOOT;
bool device_cpu_polls SET_AT_BOOT;

static struct processor_list found SET_AT_BOOT;
static volatile bool stopping UNGUARDED("only ever set, by the processor that stops the others");
static uint32_t stopped UNGUARDED("bits are set by an instruction of one piece");

void processors_find(void)
{
	processors_find_usable(&found, kernel_options.cpus);
	cpus[0].apic_id = found.count ? found.apic_ids[0] : 0;
}

uint32_t processors_found(void)
{
	return found.count;
}

bool processors_need_locks(void)
{
	return found.count > 1 || kernel_options.lock_always;
}

const struct interrupt_controller *processors_controller(void)
{
	if (found.count <= 1)
		return &interrupt_controller_8259;
	cpu_map_apic(0, found.apic_address);
	return &interrupt_controller_apic;
}

/* Where a further processor comes from the trampoline, on its own stack and directory. */
static void processor_main(void)
{
	lock_order_processor_init(CPU_LOCAL_MADE(cpu_number, held_locks), cpu_number, NULL);
	segments_init(CPU_LOCAL_FAULT_STACK + PAGE_SIZE);
	trap_init_processor();
	processor_enable();
	fpu_init_processor();
	apic_init_processor(cpu_number == device_cpu, APIC_LINE_SPURIOUS);
	tick_start_processor();
	kernel_stack_top = (const char *)CPU_LOCAL_STACK_TOP;
	processor_started = true;
	if (kernel_options.organisation->further)
		kernel_options.organisation->further();
	placement_await_work();
	scheduler_run();
	trap_resume();
}

/* Brings the next processor up as number cpu_count, or says why not. */
static void processor_add(uint32_t apic_id)
{
	const uint32_t cpu = cpu_count;

	if (!processors_leave_memory() || cpu_create(cpu, apic_id) != 0) {
		processor_report(apic_id, -ENOMEM);
		return;
	}
	cpu_map_apic(cpu, found.apic_address);
	*CPU_LOCAL_MADE(cpu, giant_lock_ticket) = GIANT_LOCK_NO_TICKET;
	if (processor_start(apic_id, physical_of(*CPU_LOCAL_MADE(cpu, global_directory)),
			    processor_main, CPU_LOCAL_MADE(cpu, processor_started))) {
		trace_create_ring(cpu, false);
		cpu_count++;
		return;
	}
	cpu_discard(cpu);
	processor_report(apic_id, -ENODEV);
}

int processors_start(void)
{
	if (found.count <= 1 || !trampoline_install())
		return 0;
	cross_call_init();
	interrupt_register(APIC_LINE_CONSOLE, uart_transmit);
	tick_init();
	processors_reset(&found);
	for (uint32_t i = 1; i < found.count; i++)
		processor_add(found.apic_ids[i]);
	placement_started();
	kernel_page->cpus = cpu_count;
	return 0;
}

static bool all_others_have_stopped(void)
{
	return (__atomic_load_n(&stopped, __ATOMIC_ACQUIRE) | 1u << cpu_number) == cpus_all();
}

void processors_stop(void)
{
	if (stopping || cpu_count == 1)
		return;
	stopping = true;
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		if (cpu != cpu_number)
			apic_send_nmi(cpus[cpu].apic_id);
	for (uint32_t i = 0; i < STOP_TRIES && !all_others_have_stopped(); i++)
		delay(STOP_MICROSECONDS);
}

void processor_has_stopped(void)
{
	bits_set(&stopped, 1u << cpu_number);
}

bool processors_are_stopping(void)
{
	return stopping;
}

bool processors_ask_device_cpu(void)
{
	if (!several_processors() || cpu_number == device_cpu)
		return false;
	if (device_cpu_polls)
		return true;
	TRACE(IPI, device_cpu, APIC_LINE_CONSOLE);
	apic_send(cpus[device_cpu].apic_id, APIC_LINE_CONSOLE);
	return true;
}

uint32_t processors_apic_id(uint32_t cpu)
{
	return cpus[cpu].apic_id;
}

bool processors_stack_contains(uint32_t address)
{
	return cpu_count > 1 && cpu_number > 0 && address >= CPU_LOCAL_STACK &&
	       address < CPU_LOCAL_STACK_TOP;
}
