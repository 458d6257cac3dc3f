/*
 * What a kernel in a partition is to itself: a uniprocessor kernel whose interrupts come through
 * its processor's local APIC. The first partition's has the machine's devices behind it, for what
 * is typed.
 */
#include "kernel/organisation/organisation.h"

#include "arch/ia32/interrupt.h"
#include "arch/ia32/paging.h"
#include "arch/ia32/smp/apic.h"
#include "arch/ia32/smp/slot.h"
#include "kernel/debug/panic.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/page_table.h"
#include "kernel/partition/inside/here.h"
#include "kernel/partition/inside/messages.h"
#include "kernel/partition/inside/walls.h"

#define LINE_SPURIOUS 15

/* What the kernel before may have left unended, should it have died in a handler. */
#define INTERRUPTS_MOST 16

static void controller_init(void)
{
	if (partition_is_first())
		interrupt_controller_8259.init();
	apic_init_processor(partition_is_first(), LINE_SPURIOUS);
	for (unsigned i = 0; i < INTERRUPTS_MOST; i++)
		apic_end_interrupt();
}

static bool is_apic_line(uint32_t line)
{
	return line == INTERRUPT_TIMER || line == PARTITION_LINE_MESSAGE;
}

static void controller_enable(uint32_t line)
{
	if (partition_is_first() && !is_apic_line(line))
		interrupt_controller_8259.enable(line);
}

static bool controller_acknowledge(uint32_t line)
{
	if (is_apic_line(line)) {
		apic_end_interrupt();
		return true;
	}
	return partition_is_first() && interrupt_controller_8259.acknowledge(line);
}

static const struct interrupt_controller partition_controller = {
	.init = controller_init,
	.enable = controller_enable,
	.acknowledge = controller_acknowledge,
};

static const struct interrupt_controller *controller(void)
{
	page_entry_t *table = page_table_alloc();

	if (!table)
		panic("no memory for the local APIC's page table");
	walls_build();
	if (!paging_map_device(CPU_LOCAL_APIC, partition_area->apic_address, table))
		page_table_free(table);
	return &partition_controller;
}

char partition_mode_name[PARTITION_MODE_NAME_SIZE] SET_AT_BOOT;

static const struct organisation partition = {
	.name = partition_mode_name,
	.title = "a partition",
	.category = "virtualised",
	.summary = "a uniprocessor kernel in a partition of the machine",
	.processors = ORGANISATION_ONE,
	.controller = controller,
};

ORGANISATION(00, partition);
