/*
 * The application kernel as a driver and as an organisation of the kernel, and its start (Section
 * 4.3.5, apkern_init).
 */
#include <castle/errno.h>
#include "kernel/appkern/castle/charge.h"
#include "kernel/appkern/castle/driver.h"
#include "kernel/appkern/ia32/machine.h"
#include "kernel/appkern/ia32/start.h"
#include "kernel/appkern/message.h"
#include "kernel/appkern/migrate.h"
#include "kernel/appkern/options.h"
#include "kernel/appkern/scheduler.h"
#include "kernel/dev/driver.h"
#include "kernel/lib/options.h"
#include "kernel/lib/print.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/kernel_page.h"
#include "kernel/mem/page_zero.h"
#include "kernel/organisation/organisation.h"

static void apkern_find(void)
{
	if (application_processors_find(kernel_options.cpus) > 1)
		page_zero_use();
}

/* Without application processors there is no device, and programs run on the boot processor. */
static int apkern_init(void)
{
	int error;

	application_thread_init();
	application_scheduler_init();
	error = application_processors_start(message_work);
	if (error)
		return error;
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
	.keeps_translations = true,
	.domains = ORGANISATION_LOCKS(driver),
	.find = apkern_find,
	.start = apkern_init,
};

ORGANISATION(30, appkern);
