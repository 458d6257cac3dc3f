/*
 * The kernel command line, and formatted printing.
 */
#include <string.h>
#include "kernel/boot/options.h"
#include "kernel/debug/trace.h"
#include "kernel/dev/driver.h"
#include "kernel/lib/print.h"
#include "kernel/organisation/organisation.h"
#include "tests/host/support.h"

static struct kernel_options options;
static char error[OPTIONS_ERROR_MAX];
static bool fast;
static char colour[8];

/* The organisations that are linked in, and the drivers: one without options, one with some. */
static const struct organisation first = { .name = "first" }, second = { .name = "second" };

const struct organisation *organisation_at(uint32_t index)
{
	static const struct organisation *const organisations[] = { &first, &second };

	return index < 2 ? organisations[index] : NULL;
}

static bool set_speed(const char *value)
{
	fast = strcmp(value, "fast") == 0;
	return fast || strcmp(value, "slow") == 0;
}

static bool set_colour(const char *value)
{
	ksnprintf(colour, sizeof colour, "%s", value);
	return *value && strlen(value) < sizeof colour;
}

static const struct driver_option driver_options[] = {
	{ "speed", "fast, slow", set_speed },
	{ "colour", "a name of up to 7 characters", set_colour },
};

static const struct driver plain_driver = { .name = "plain" };
static const struct driver rich_driver = {
	.name = "rich",
	.options = driver_options,
	.option_count = sizeof driver_options / sizeof *driver_options,
};

const struct driver *driver_at(uint32_t index)
{
	static const struct driver *const drivers[] = { &plain_driver, &rich_driver };

	return index < 2 ? drivers[index] : NULL;
}

START_TEST(defaults)
{
	ck_assert_int_eq(options_parse(&options, "", error), 0);
	ck_assert_ptr_eq(options.organisation, &first);
	ck_assert_str_eq(options.mode_name, "first");
	ck_assert(options.affinity && !options.lock_always && options.jitter == 0);
	ck_assert_uint_eq(options.cpus, 32);
	ck_assert_str_eq(options.run, "");
	ck_assert_str_eq(options.machine, "unknown");
}
END_TEST

START_TEST(what_runs_where)
{
	static const char kept[] = "2=a b; c\0"
				   "12=\0";

	ck_assert_int_eq(options_parse(&options, "run@2=\"a b; c\" run=d run@12=", error), 0);
	ck_assert_mem_eq(options.run_at, kept, sizeof kept);
	ck_assert_str_eq(options.run, "d");
	ck_assert_int_ne(options_parse(&options, "run@0=a", error), 0);
	ck_assert_int_ne(options_parse(&options, "run@33=a", error), 0);
	ck_assert_int_ne(options_parse(&options, "run@=a", error), 0);
	ck_assert_ptr_nonnull(strstr(error, "unknown key \"run@\""));
}
END_TEST

START_TEST(what_runs_where_has_an_end)
{
	static char line[3 * OPTIONS_RUN_MAX];
	const uint32_t most = OPTIONS_RUN_MAX - 1;

	memset(line, 'a', sizeof line - 1);
	memcpy(line, "run@1=", 6);
	line[6 + most] = '\0';
	ck_assert_int_eq(options_parse(&options, line, error), 0);
	line[6 + most] = 'a';
	line[6 + most + 1] = '\0';
	ck_assert_int_ne(options_parse(&options, line, error), 0);
	memcpy(line + 6 + most, " run@2=", 7);
	memset(line + 6 + most + 7, 'b', most);
	line[6 + most + 7 + most] = '\0';
	ck_assert_int_ne(options_parse(&options, line, error), 0);
	ck_assert_ptr_nonnull(strstr(error, "bad value"));
}
END_TEST

START_TEST(all_keys)
{
	ck_assert_int_eq(options_parse(&options,
				       "  mode=second cpus=4  run=\"a b=c; d\" machine=qemu ",
				       error),
			 0);
	ck_assert_ptr_eq(options.organisation, &second);
	ck_assert_str_eq(options.mode_name, "second");
	ck_assert_uint_eq(options.cpus, 4);
	ck_assert_str_eq(options.run, "a b=c; d");
	ck_assert_str_eq(options.machine, "qemu");
}
END_TEST

START_TEST(the_last_mode_counts)
{
	ck_assert_int_eq(options_parse(&options, "mode=second mode=first", error), 0);
	ck_assert_ptr_eq(options.organisation, &first);
	ck_assert_str_eq(options.mode_name, "first");
}
END_TEST

START_TEST(a_drivers_keys)
{
	ck_assert_int_eq(options_parse(&options, "rich.speed=fast rich.colour=red", error), 0);
	ck_assert(fast);
	ck_assert_str_eq(colour, "red");
	ck_assert_str_eq(options.mode_name, "first");
	ck_assert_int_eq(options_parse(&options, "mode=second rich.speed=slow", error), 0);
	ck_assert(!fast);
}
END_TEST

START_TEST(groups_of_events)
{
	struct kernel_options options;
	char error[OPTIONS_ERROR_MAX];

	ck_assert_int_eq(options_parse(&options, "trace=lock,mark", error), 0);
	ck_assert_uint_eq(trace_groups, TRACE_GROUP_lock | TRACE_GROUP_mark);
	ck_assert_int_eq(options_parse(&options, "trace=all", error), 0);
	ck_assert_uint_eq(trace_groups & TRACE_GROUP_entry, TRACE_GROUP_entry);
	ck_assert_int_eq(options_parse(&options, "trace=off", error), 0);
	ck_assert_uint_eq(trace_groups, 0);
}
END_TEST

static const char *const bad_lines[][2] = {
	{ "colour=red", "unknown key \"colour\"" },
	{ "mode", "bad value \"\" of key mode" },
	{ "=up", "unknown key \"\"" },
	{ "mode=firsts", "valid values are first, second" },
	{ "affinity=maybe", "valid values are on, off" },
	{ "affinity", "bad value \"\" of key affinity" },
	{ "lock=never", "valid values are auto, always" },
	{ "jitter=x", "0 to 1000000" },
	{ "jitter=1000001", "0 to 1000000" },
	{ "mode=First", "bad value \"First\"" },
	{ "cpus=0", "1 to 32" },
	{ "cpus=33", "1 to 32" },
	{ "cpus=4294967297", "1 to 32" },
	{ "cpus=4x", "1 to 32" },
	{ "cpus=", "1 to 32" },
	{ "machine=a-name-that-is-too-long", "15 characters" },
	{ "machine=", "15 characters" },
	{ "trace=", "entry lock sched ipi memory forward mark" },
	{ "trace=sched,", "bad value \"sched,\" of key trace" },
	{ "trace=sched,locks", "bad value" },
	{ "trace=all,lock", "bad value" },
	{ "mode=first extra", "unknown key \"extra\"" },
	{ "x=1", "run, trace, machine, run@N, rich.speed, rich.colour" },
	{ "rich=1", "unknown key \"rich\"" },
	{ "rich.=1", "unknown key \"rich.\"" },
	{ "rich.spee=fast", "unknown key \"rich.spee\"" },
	{ "plain.speed=fast", "unknown key \"plain.speed\"" },
	{ "speed=fast", "unknown key \"speed\"" },
	{ "rich.speed=faster",
	  "bad value \"faster\" of key rich.speed; valid values are fast, slow" },
	{ "rich.speed", "bad value \"\" of key rich.speed" },
	{ "mode=plain", "bad value \"plain\" of key mode" },
};

START_TEST(bad_line)
{
	ck_assert_int_lt(options_parse(&options, bad_lines[_i][0], error), 0);
	ck_assert_ptr_nonnull(strstr(error, bad_lines[_i][1]));
}
END_TEST

START_TEST(long_lines)
{
	static char line[8192];

	for (size_t length = 0; length < sizeof line - 10; length += 61) {
		memset(line, 'x', length);
		line[length] = '\0';
		ck_assert(length == 0 || options_parse(&options, line, error) < 0);
		memcpy(line, "run=", 4);
		options_parse(&options, line, error);
		memcpy(line, "\"\"=\"", 4);
		options_parse(&options, line, error);
		ck_assert_uint_lt(strlen(error), OPTIONS_ERROR_MAX);
	}
}
END_TEST

START_TEST(longest_run)
{
	static char line[OPTIONS_RUN_MAX + 16] = "run=";

	memset(line + 4, 'x', OPTIONS_RUN_MAX - 1);
	ck_assert_int_eq(options_parse(&options, line, error), 0);
	ck_assert_uint_eq(strlen(options.run), OPTIONS_RUN_MAX - 1);
	memset(line + 4, 'x', OPTIONS_RUN_MAX);
	ck_assert_int_lt(options_parse(&options, line, error), 0);
	ck_assert_ptr_nonnull(strstr(error, "up to 1023 characters"));
}
END_TEST

START_TEST(printing)
{
	char text[128];

	ck_assert_int_eq(ksnprintf(text, sizeof text, "%s|%5d|%-5d|%05d|%x|%c|%%", "a", 42, 42, -42,
				   0xbeefu, 'z'),
			 28);
	ck_assert_str_eq(text, "a|   42|42   |-0042|beef|z|%");
	ksnprintf(text, sizeof text, "%llu %lld %llx", 18446744073709551615ull,
		  -9223372036854775807ll, 0x123456789abcdefull);
	ck_assert_str_eq(text, "18446744073709551615 -9223372036854775807 123456789abcdef");
	ksnprintf(text, sizeof text, "%08x %u %d", 0x1au, 4294967295u, -2147483647 - 1);
	ck_assert_str_eq(text, "0000001a 4294967295 -2147483648");
	ck_assert_int_eq(ksnprintf(text, 4, "%s", "truncated"), 9);
	ck_assert_str_eq(text, "tru");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("options");
	TCase *tests = tcase_create("options");

	tcase_add_test(tests, defaults);
	tcase_add_test(tests, what_runs_where);
	tcase_add_test(tests, what_runs_where_has_an_end);
	tcase_add_test(tests, all_keys);
	tcase_add_test(tests, the_last_mode_counts);
	tcase_add_test(tests, a_drivers_keys);
	tcase_add_test(tests, groups_of_events);
	tcase_add_loop_test(tests, bad_line, 0, sizeof bad_lines / sizeof *bad_lines);
	tcase_add_test(tests, long_lines);
	tcase_add_test(tests, longest_run);
	tcase_add_test(tests, printing);
	suite_add_tcase(suite, tests);
	return suite;
}
