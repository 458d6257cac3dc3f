/*
 * Master and slaves (Section 2.4.3; Goble and Marsh's dual VAX): the kernel runs on the boot
 * processor alone, and without a lock. The other processors run programs, and hand a thread that
 * enters the kernel to the master. With one processor it is the uniprocessor kernel.
 */
#include "arch/ia32/trap.h"
#include "kernel/dev/driver.h"
#include "kernel/lib/string.h"
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
	masterslave_master_init();
	return &masterslave_placement;
}

static int masterslave_start(void)
{
	const int error = masterslave_slaves_init(processors_found());

	return error ? error : processors_start();
}

static const struct organisation masterslave = {
	.name = "masterslave",
	.title = "master and slaves",
	.category = "asymmetric",
	.summary = "the kernel on the first processor; all others run programs and hand their "
		   "calls over",
	.processors = ORGANISATION_ALL,
	.find = processors_find,
	.controller = processors_controller,
	.placement = masterslave_policy,
	.start = masterslave_start,
	.further = masterslave_slave,
};

ORGANISATION(25, masterslave);
