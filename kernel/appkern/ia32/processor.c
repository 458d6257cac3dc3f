/*
 * The making and starting of an application processor (Section 4.3.5, apkern_init: "each processor
 * will initialize the interrupt vector … enable paging and enter the idle thread").
 */
#include "kernel/appkern/ia32/processor.h"

#include <castle/errno.h>
#include <stddef.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/processor.h"
#include "arch/ia32/smp/apic.h"
#include "arch/ia32/smp/start.h"
#include "arch/ia32/trap.h"
#include "kernel/appkern/castle/native.h"
#include "kernel/appkern/ia32/entry.h"
#include "kernel/appkern/ia32/notify.h"
#include "kernel/appkern/scheduler.h"

#define STACK_ORDER             2 /* 16 KB: nothing is called to any depth */
#define MICROSECONDS_PER_SECOND 1000000

_Static_assert(sizeof(struct application_processor) <= PAGE_SIZE, "it is one page");

struct application_processor *application_processors[CASTLE_CPUS_MAX] SET_AT_BOOT;
uint32_t application_processor_count SET_AT_BOOT;

static uint32_t tick_count SET_AT_BOOT; /* of the local APIC's timer, in a tick of the kernel's */
static struct gate gates[VECTOR_COUNT] SET_AT_BOOT;

/* The interrupt descriptor table is the same for all application processors. */
static void gates_fill(void)
{
	for (unsigned vector = 0; vector < VECTOR_EXCEPTIONS; vector++)
		gates[vector] = gate_make(application_exception_stubs[vector], GATE_INTERRUPT);
	for (unsigned line = 0; line < APPLICATION_LINES; line++)
		gates[VECTOR_INTERRUPTS + APPLICATION_LINES_FIRST + line] =
			gate_make(application_interrupt_stubs[line], GATE_INTERRUPT);
	gates[VECTOR_BREAKPOINT].high |= GATE_USER;
	gates[VECTOR_OVERFLOW].high |= GATE_USER;
	gates[VECTOR_SYSCALL] =
		gate_make((uint32_t)application_entry_int80, GATE_INTERRUPT | GATE_USER);
}

/* Where the processor comes from the trampoline, on its own stack and directory. */
__attribute__((noreturn)) static void processor_main(void)
{
	struct application_processor *here = this_processor;

	lock_order_processor_init(&application_processors[here->number]->held, here->number,
				  notify_boot_processor);
	descriptors_fill(here->descriptors, &here->tss);
	descriptors_load(here->descriptors, sizeof here->descriptors);
	gates_load(gates, sizeof gates);
	if (processor_has(PROCESSOR_SYSENTER))
		sysenter_enable((uint32_t)&here->sysenter_stack.frame_end,
				(uint32_t)application_entry_sysenter);
	processor_enable();
	cr0_write((cr0_read() | CR0_MP | CR0_NE | CR0_TS) & ~CR0_EM);
	apic_init_processor(false, APIC_LINE_SPURIOUS);
	apic_timer_start(tick_count, true);
	here->started = true;
	application_resume(application_schedule());
}

static void slot_map(const struct application_processor *processor, uint32_t address,
		     uint32_t physical, uint32_t flags)
{
	processor->slot_table[PAGE_TABLE_INDEX(address)] =
		physical | PAGE_PRESENT | PAGE_WRITABLE | flags;
}

static void slot_fill(struct application_processor *processor, uint32_t apic_address)
{
	const uint32_t size = PAGE_SIZE << STACK_ORDER;

	slot_map(processor, CPU_LOCAL_APIC, apic_address, PAGE_UNCACHED);
	slot_map(processor, CPU_LOCAL_APPKERN, (uint32_t)processor, 0);
	for (uint32_t offset = 0; offset < size; offset += PAGE_SIZE)
		slot_map(processor, CPU_LOCAL_STACK_TOP - size + offset,
			 (uint32_t)processor->stack + offset, 0);
}

static void processor_free(struct application_processor *processor)
{
	space_free_directories(&processor->spaces);
	if (processor->slot_table)
		native_page_free(processor->slot_table);
	if (processor->stack)
		native_page_free_run(processor->stack, STACK_ORDER);
	native_page_free(processor);
}

/*
 * All that a processor needs, or NULL. The stack is written all over once: where the memory held
 * code before, such as the boot loader's, QEMU has each store take a slow way, as long as any of
 * that is left. Every call of a thread writes there.
 */
static struct application_processor *processor_create(uint32_t apic_address)
{
	struct application_processor *processor = native_page_alloc_zeroed();
	page_entry_t slot_entry;

	if (!processor)
		return NULL;
	processor->slot_table = native_page_alloc_zeroed();
	processor->stack = native_page_alloc_run(STACK_ORDER);
	if (processor->stack)
		memset(processor->stack, 0, PAGE_SIZE << STACK_ORDER);
	slot_entry = (uint32_t)processor->slot_table | PAGE_PRESENT | PAGE_WRITABLE;
	if (!processor->slot_table || !processor->stack ||
	    !space_create_directories(&processor->spaces, slot_entry)) {
		processor_free(processor);
		return NULL;
	}
	slot_fill(processor, apic_address);
	return processor;
}

void application_processors_prepare(void)
{
	gates_fill();
	tick_count = apic_timer_measure(MICROSECONDS_PER_SECOND / NATIVE_TICK_HZ);
}

int application_processor_start(uint32_t number, uint32_t apic_id, uint32_t apic_address)
{
	struct application_processor *processor = processor_create(apic_address);

	if (!processor)
		return -ENOMEM;
	processor->number = number;
	processor->apic_id = apic_id;
	application_processors[number] = processor;
	trace_create_ring(number, true);
	if (processor_start(apic_id, (uint32_t)processor->spaces.global, processor_main,
			    &processor->started)) {
		application_processor_count = number;
		return 0;
	}
	application_processors[number] = NULL;
	processor_free(processor);
	return -ENODEV;
}

void application_processor_interrupt(const struct application_processor *processor)
{
	apic_send(processor->apic_id, APIC_LINE_RESCHEDULE);
}
