/*
 * The organisations that the linker has collected, and the one that was chosen.
 */
#include "kernel/organisation/organisation.h"

#include <stddef.h>
#include "arch/ia32/interrupt.h"
#include "arch/ia32/trap.h"
#include "kernel/lib/options.h"
#include "kernel/lib/print.h"

extern const struct organisation *const organisation_table[], *const organisation_table_end[];

const struct organisation *organisation_at(uint32_t index)
{
	const uint32_t count = organisation_table_end - organisation_table;

	return index < count ? organisation_table[index] : NULL;
}

void organisation_find(void)
{
	if (kernel_options.organisation->find)
		kernel_options.organisation->find();
}

const struct trap_way *organisation_way(void)
{
	const struct organisation *organisation = kernel_options.organisation;

	return organisation->way ? organisation->way() : &trap_way_plain;
}

const struct interrupt_controller *organisation_controller(void)
{
	const struct organisation *organisation = kernel_options.organisation;

	return organisation->controller ? organisation->controller() : &interrupt_controller_8259;
}

void organisation_start(void)
{
	const struct organisation *organisation = kernel_options.organisation;
	const int error = organisation->start ? organisation->start() : 0;

	if (error)
		kprintf("Castle: mode %s: error %d\n", organisation->name, -error);
}
