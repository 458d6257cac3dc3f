/*
 * What a kernel in a partition of several processors is to itself: the giant-lock kernel, with the
 * processors of its partition for those of the machine.
 */
#include "kernel/organisation/organisation.h"

#include "arch/ia32/cpulocal.h"
#include "arch/ia32/trap.h"
#include "kernel/lock/domain.h"
#include "kernel/partition/inside/controller.h"
#include "kernel/partition/inside/here.h"
#include "kernel/partition/inside/smp/processors.h"
#include "kernel/partition/inside/walls.h"
#include "kernel/sched/placement.h"
#include "kernel/smp/giant_lock.h"
#include "kernel/smp/processors.h"

static const struct trap_way *way(void)
{
	return processors_need_locks() ? &giant_lock_way : &trap_way_plain;
}

static const struct interrupt_controller *controller(void)
{
	walls_build();
	cpu_map_apic(0, partition_area->apic_address);
	return &partition_controller;
}

static int start(void)
{
	if (processors_need_locks())
		giant_lock_start();
	return partition_processors_start();
}

char partition_mode_name[PARTITION_MODE_NAME_SIZE] SET_AT_BOOT;

static const struct organisation partition = {
	.name = partition_mode_name,
	.title = "a partition",
	.category = "virtualised",
	.summary = "a giant-lock kernel in a partition of the machine",
	.processors = ORGANISATION_ALL,
	.domains = ORGANISATION_LOCKS(kernel),
	.find = processors_find,
	.way = way,
	.controller = controller,
	.placement = placement_asked_for,
	.start = start,
};

ORGANISATION(00, partition);
