/*
 * The start of all application processors, one after another, on the boot processor.
 */
#include "kernel/appkern/ia32/start.h"

#include <castle/errno.h>
#include "arch/ia32/paging.h"
#include "arch/ia32/smp/apic.h"
#include "arch/ia32/smp/find.h"
#include "arch/ia32/smp/slot.h"
#include "arch/ia32/smp/start.h"
#include "kernel/appkern/castle/native.h"
#include "kernel/appkern/ia32/notify.h"
#include "kernel/appkern/ia32/processor.h"

/*
 * Messages interrupt the boot processor on the coprocessor's line, which is free since errors of
 * the floating-point unit are exceptions (CR0.NE). Its spurious interrupts go where the 8259's do.
 */
#define LINE_MESSAGE  13
#define LINE_SPURIOUS 15

static struct processor_list found SET_AT_BOOT;

uint32_t application_processors_find(uint32_t most)
{
	processors_find_usable(&found, most);
	return found.count;
}

/* The boot processor's local APIC, which lets it send and take interrupts between processors. */
static bool boot_apic_start(void)
{
	page_entry_t *table = native_table_alloc();

	if (!table)
		return false;
	if (!paging_map_device(CPU_LOCAL_APIC, found.apic_address, table))
		native_table_free(table);
	apic_init_processor(true, LINE_SPURIOUS);
	return true;
}

static void processor_add(uint32_t apic_id)
{
	const uint32_t number = application_processor_count + 1;
	int error = -ENOMEM;

	if (processors_leave_memory())
		error = application_processor_start(number, apic_id, found.apic_address);
	if (error)
		processor_report(apic_id, error);
}

int application_processors_start(void (*work)(void))
{
	if (found.count <= 1 || !trampoline_install())
		return 0;
	if (!boot_apic_start())
		return -ENOMEM;
	notify_init(LINE_MESSAGE, work);
	application_processors_prepare();
	processors_reset(&found);
	for (uint32_t i = 1; i < found.count; i++)
		processor_add(found.apic_ids[i]);
	return 0;
}
