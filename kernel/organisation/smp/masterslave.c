/*
 * Master and slaves (Section 2.4.3; Goble and Marsh's dual VAX): the kernel runs on the boot
 * processor alone, and without a lock. The other processors run programs, and hand a thread that
 * enters the kernel to the master. With one processor it is the uniprocessor kernel.
 */
#include "arch/ia32/trap.h"
#include "kernel/dev/driver.h"
#include "kernel/debug/lock_order.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/organisation/organisation.h"
#include "kernel/organisation/smp/masterslave.h"
#include "kernel/organisation/smp/masterslave_master.h"
#include "kernel/smp/processors.h"

static bool set_master(const char *value)
{
	masterslave_master_runs = strcmp(value, "on") == 0;
	return masterslave_master_runs || strcmp(value, "off") == 0;
}

static const struct driver_option options[] = {
	{ "master", "on, off", set_master },
};

/* For its key on the command line alone. */
static const struct driver masterslave_options = {
	.name = "masterslave",
	.options = options,
	.option_count = sizeof options / sizeof *options,
};

DRIVER(masterslave_options);

static const struct placement_policy *masterslave_policy(void)
{
	masterslave_deal_init();
	return &masterslave_placement;
}

/*
 * For the lock-order checker: being the master is as good as any lock, and a slave never is. What
 * has a contract that says that something is held reports a slave that comes there.
 */
LOCK_CLASS(master_class, kernel, LOCK_OF_KERNEL);

static void domains_tell(void)
{
#define LOCK_DOMAIN(name, rank, what) lock_domain_use(name, &master_class);
#include "kernel/lock/domains.h"
#undef LOCK_DOMAIN
	lock_order_acquire(&master_class, &masterslave_mail);
}

static int masterslave_start(void)
{
	const int error = masterslave_slaves_init(processors_found());

	if (!error && processors_found() > 1)
		domains_tell();
	return error ? error : processors_start();
}

static const struct organisation masterslave = {
	.name = "masterslave",
	.title = "master and slaves",
	.category = "asymmetric",
	.summary = "the kernel on the first processor; all others run programs and hand their "
		   "calls over",
	.processors = ORGANISATION_ALL,
	.keeps_translations = true,
	.find = processors_find,
	.controller = processors_controller,
	.placement = masterslave_policy,
	.start = masterslave_start,
	.further = masterslave_slave,
};

ORGANISATION(25, masterslave);
