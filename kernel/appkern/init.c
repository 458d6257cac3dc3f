/*
 * The application kernel as a driver and as an organisation of the kernel, and its start (Section
 * 4.3.5, apkern_init).
 */
#include <castle/errno.h>
#include "arch/ia32/interrupt.h"
#include "arch/ia32/smp/apic.h"
#include "arch/ia32/smp/find.h"
#include "arch/ia32/smp/slot.h"
#include "arch/ia32/smp/start.h"
#include "kernel/appkern/charge.h"
#include "kernel/appkern/driver.h"
#include "kernel/appkern/message.h"
#include "kernel/appkern/migrate.h"
#include "kernel/appkern/options.h"
#include "kernel/appkern/processor.h"
#include "kernel/appkern/scheduler.h"
#include "kernel/dev/driver.h"
#include "kernel/lib/options.h"
#include "kernel/lib/print.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/kernel_page.h"
#include "kernel/organisation/organisation.h"
#include "kernel/mem/page_table.h"

/*
 * Messages interrupt the boot processor on the coprocessor's line, which is free since errors of
 * the floating-point unit are exceptions (CR0.NE). Its spurious interrupts go where the 8259's do.
 */
#define LINE_MESSAGE  13
#define LINE_SPURIOUS 15

static struct processor_list found SET_AT_BOOT;

static void apkern_find(void)
{
	processors_find_usable(&found, kernel_options.cpus);
}

/* The boot processor's local APIC, which lets it send and take interrupts between processors. */
static bool boot_apic_start(void)
{
	page_entry_t *table = page_table_alloc();

	if (!table)
		return false;
	if (!paging_map_device(CPU_LOCAL_APIC, found.apic_address, table))
		page_table_free(table);
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

/* Without application processors there is no device, and programs run on the boot processor. */
static int apkern_init(void)
{
	application_thread_init();
	application_scheduler_init();
	if (found.count > 1 && trampoline_install()) {
		if (!boot_apic_start())
			return -ENOMEM;
		message_init(LINE_MESSAGE);
		application_processors_prepare();
		processors_reset(&found);
		for (uint32_t i = 1; i < found.count; i++)
			processor_add(found.apic_ids[i]);
	}
	if (application_processor_count == 0) {
		kprintf("Castle: no application processor: programs run on the boot processor\n");
		return 0;
	}
	migrate_init();
	charge_init();
	kernel_page->application_processors = application_processor_count;
	kernel_page->cpus += application_processor_count;
	return apkern_register();
}

static const struct driver apkern_driver = {
	.name = "apkern",
	.options = application_option_table,
	.option_count = APPLICATION_OPTION_COUNT,
};

DRIVER(apkern_driver);

static const struct organisation appkern = {
	.name = "appkern",
	.title = "application kernel",
	.category = "asymmetric",
	.summary = "the uniprocessor kernel on the first processor, the application kernel, a "
		   "driver of it, on all others",
	.processors = ORGANISATION_OTHERS,
	.domains = ORGANISATION_LOCKS(driver),
	.find = apkern_find,
	.start = apkern_init,
};

ORGANISATION(30, appkern);
