/*
 * What a kernel in a partition of one processor is to itself: a uniprocessor kernel whose
 * interrupts come through its processor's local APIC.
 */
#include "kernel/organisation/organisation.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/paging.h"
#include "arch/ia32/smp/slot.h"
#include "kernel/debug/panic.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/page_table.h"
#include "kernel/partition/inside/controller.h"
#include "kernel/partition/inside/here.h"
#include "kernel/partition/inside/walls.h"

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

void partition_leave(uint32_t status)
{
	partition_area->leave(partition_number, status);
	cpu_halt_forever();
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
