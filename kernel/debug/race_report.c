/*
 * The races that were found, shown when the machine goes off; the key races.every.
 */
#include "kernel/debug/race.h"

#include <stddef.h>
#include "kernel/debug/symbols.h"
#include "kernel/dev/driver.h"
#include "kernel/lib/options.h"
#include "kernel/lib/print.h"
#include "kernel/lock/domain.h"
#include "kernel/organisation/organisation.h"

#define RACES_MAX   64
#define EVERY_MAX   1000000u
#define STATUS_RACE 4

static struct race races[RACES_MAX] UNGUARDED("the processor's that has the watch");
static uint32_t race_count UNGUARDED("the same");

/* Until the other processors run. */
static uint32_t every_wanted SET_AT_BOOT;

void race_keep(const struct race *race)
{
	for (uint32_t i = 0; i < race_count; i++)
		if (races[i].first.where == race->first.where &&
		    races[i].other.where == race->other.where)
			return;
	if (race_count < RACES_MAX)
		races[race_count++] = *race;
}

static void show_access(const char *before, const struct race_access *access)
{
	uint32_t offset = 0;
	const char *name = symbol_of(access->where, &offset);

	kprintf("%s%s in %s+0x%x", before, access->writes ? "write" : "read", name ? name : "?",
		offset);
}

uint32_t races_show(uint32_t status)
{
	race_every = 0;
	for (uint32_t i = 0; i < race_count; i++) {
		const struct race *race = &races[i];

		kprintf("RACES: %u bytes at %08x:", race->size, race->address);
		show_access(" ", &race->first);
		if (race->other.where)
			show_access("; meanwhile ", &race->other);
		else
			kprintf("; meanwhile its value changed");
		kprintf("\n");
	}
	return race_count && status == 0 ? STATUS_RACE : status;
}

static bool set_every(const char *value)
{
	uint32_t number = 0;

	for (; *value >= '0' && *value <= '9' && number <= EVERY_MAX; value++)
		number = number * 10 + (*value - '0');
	every_wanted = number;
	return *value == '\0' && number <= EVERY_MAX;
}

/* An application processor has none of the kernel's CPU-local variables, which the watch needs. */
static int race_start(void)
{
	if (kernel_options.organisation->processors == ORGANISATION_ALL)
		race_every = every_wanted;
	return 0;
}

static const struct driver_option options[] = {
	{ "every", "0 to 1000000 accesses, of which one is watched", set_every },
};

static const struct driver races_driver = {
	.name = "races",
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.start = race_start,
};
DRIVER(races_driver);
