/*
 * I/O processors (Section 2.4.3; Piglet, Figure 2.1f): one processor or two do nothing but devices,
 * which they look at for ever; no device interrupts another processor. Otherwise it is the fine
 * kernel: its locks, its ready queues, its start. With one processor, devices interrupt it.
 */
#include "arch/ia32/cpu.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/dev/driver.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/kernel_page.h"
#include "kernel/organisation/smp/fine.h"
#include "kernel/organisation/smp/ioproc.h"
#include "kernel/smp/processors.h"

uint32_t ioproc_count SET_AT_BOOT = 1;

static uint32_t lines_asked_for SET_AT_BOOT; /* of the 8259, a bit each */
static struct interrupt_controller polled SET_AT_BOOT;
static volatile bool settled UNGUARDED("only ever set, by the boot processor"); /* the number */
static struct organisation ioproc SET_AT_BOOT;

static bool set_cpus(const char *value)
{
	ioproc_count = value[0] - '0';
	return ioproc_count >= 1 && ioproc_count <= IOPROC_MAX && value[1] == '\0';
}

static const struct driver_option options[] = {
	{ "cpus", "1, 2", set_cpus },
};

/* For its key on the command line alone. */
static const struct driver ioproc_options = {
	.name = "ioproc",
	.options = options,
	.option_count = sizeof options / sizeof *options,
};

DRIVER(ioproc_options);

/* The fine kernel's locks are this one's. */
static void ioproc_find(void)
{
	ioproc.domains = fine.domains;
	ioproc.locks = fine.locks;
	fine.find();
}

/* Devices that are looked at do not interrupt: their lines stay masked. */
static void line_keep_masked(uint32_t line)
{
	if (line < INTERRUPT_LINES_8259)
		lines_asked_for |= 1u << line;
}

/* A device's line has nothing to end. */
static bool line_acknowledge(uint32_t line)
{
	return line < INTERRUPT_LINES_8259 || interrupt_controller_apic.acknowledge(line);
}

static const struct interrupt_controller *ioproc_controller(void)
{
	const struct interrupt_controller *usual = fine.controller();

	if (usual != &interrupt_controller_apic)
		return usual;
	polled.init = interrupt_controller_apic.init;
	polled.enable = line_keep_masked;
	polled.acknowledge = line_acknowledge;
	return &polled;
}

/* No further processor has answered: devices interrupt this one after all. */
static void interrupts_use(void)
{
	polled = interrupt_controller_apic;
	for (uint32_t line = 0; line < INTERRUPT_LINES_8259; line++)
		if (lines_asked_for & 1u << line)
			polled.enable(line);
}

static int ioproc_start(void)
{
	const int error = fine.start();

	if (several_processors()) {
		device_cpu_polls = true;
		kernel_page->device_processors = ioproc_count;
	} else {
		ioproc_count = 0;
		interrupts_use();
	}
	settled = true;
	return error;
}

/*
 * There may turn out to be too few processors for all that were asked for. The boot processor comes
 * to its devices when it looks for a thread to run.
 */
static void ioproc_further(void)
{
	if (cpu_number >= IOPROC_MAX)
		return;
	while (!settled)
		cpu_pause();
	if (ioproc_is_one(cpu_number))
		ioproc_serve();
}

static struct organisation ioproc SET_AT_BOOT = {
	.name = "ioproc",
	.title = "I/O processors",
	.category = "asymmetric",
	.summary = "the fine kernel; the first processor does nothing but devices, which interrupt "
		   "no other one",
	.processors = ORGANISATION_ALL,
	.find = ioproc_find,
	.controller = ioproc_controller,
	.placement = ioproc_placement,
	.start = ioproc_start,
	.further = ioproc_further,
};

ORGANISATION(26, ioproc);
