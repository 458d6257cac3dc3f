/*
 * The application kernel's keys on the command line.
 */
#include "kernel/appkern/options.h"

#include "kernel/appkern/castle/driver.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"

struct application_options application_options SET_AT_BOOT;

static bool choose(bool *choice, const char *if_true, const char *if_false, const char *value)
{
	*choice = strcmp(value, if_true) == 0;
	return *choice || strcmp(value, if_false) == 0;
}

static bool set_notify(const char *value)
{
	return choose(&application_options.poll, "poll", "interrupt", value);
}

static bool set_combine(const char *value)
{
	return choose(&application_options.combine, "on", "off", value);
}

static bool set_local(const char *value)
{
	return choose(&application_options.local, "on", "off", value);
}

static bool set_migrate(const char *value)
{
	return choose(&application_options.migrate, "on", "off", value);
}

const struct driver_option application_option_table[APPLICATION_OPTION_COUNT] = {
	{ "notify", "interrupt, poll", set_notify },
	{ "combine", "on, off", set_combine },
	{ "local", "on, off", set_local },
	{ "migrate", "on, off", set_migrate },
};
