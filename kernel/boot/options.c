/*
 * Parsing the kernel command line: a table of keys, each with its own check.
 */
#include "kernel/boot/options.h"

#include <castle/errno.h>
#include <castle/info.h>
#include "kernel/debug/trace.h"
#include "kernel/dev/driver.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/organisation/organisation.h"

#define JITTER_MAX 1000000u
#define VALUE_MAX  OPTIONS_RUN_MAX

#define RUN_AT "run@"

#define LIST_SIZE 256 /* of valid keys or modes, in messages */

struct option {
	const char *key;
	const char *valid; /* what a value may be, for the error message; NULL: see refuse_mode() */
	bool (*set)(struct kernel_options *options, const char *value);
};

static bool set_mode(struct kernel_options *options, const char *value)
{
	const struct organisation *organisation;

	for (uint32_t i = 0; (organisation = organisation_at(i)); i++) {
		if (strcmp(value, organisation->name) == 0) {
			options->organisation = organisation;
			options->mode_name = organisation->name;
			return true;
		}
	}
	return false;
}

/* Reads a decimal number from 0 to `most`. */
static bool set_number(uint32_t *number, uint32_t most, const char *value)
{
	uint32_t read = 0;
	const char *c = value;

	for (; *c >= '0' && *c <= '9' && read <= most; c++)
		read = read * 10 + (*c - '0');
	*number = read;
	return c != value && *c == '\0' && read <= most;
}

static bool set_cpus(struct kernel_options *options, const char *value)
{
	return set_number(&options->cpus, CASTLE_CPUS_MAX, value) && options->cpus >= 1;
}

static bool set_jitter(struct kernel_options *options, const char *value)
{
	return set_number(&options->jitter, JITTER_MAX, value);
}

/* True for the one word, false for the other. */
static bool set_choice(bool *choice, const char *if_true, const char *if_false, const char *value)
{
	*choice = strcmp(value, if_true) == 0;
	return *choice || strcmp(value, if_false) == 0;
}

static bool set_affinity(struct kernel_options *options, const char *value)
{
	return set_choice(&options->affinity, "on", "off", value);
}

static bool set_lock(struct kernel_options *options, const char *value)
{
	return set_choice(&options->lock_always, "always", "auto", value);
}

/* Copies a value to an array; false if it does not fit. */
static bool set_text(char *to, size_t size, const char *value)
{
	ksnprintf(to, size, "%s", value);
	return strlen(value) < size;
}

static bool set_run(struct kernel_options *options, const char *value)
{
	return set_text(options->run, sizeof options->run, value);
}

/* Adds a text to the list of what is run where; false if there is no room. */
static bool run_at_add(struct kernel_options *options, const char *text)
{
	uint32_t used = 0;
	const size_t size = strlen(text) + 1;

	while (options->run_at[used])
		used += strlen(options->run_at + used) + 1;
	if (used + size + 1 > sizeof options->run_at)
		return false;
	memcpy(options->run_at + used, text, size);
	return true;
}

static bool set_machine(struct kernel_options *options, const char *value)
{
	return set_text(options->machine, sizeof options->machine, value) && *value;
}

static bool set_trace(struct kernel_options *options, const char *value)
{
	(void)options;
	return trace_choose(value);
}

static const char run_valid[] = "\"PROGRAM ARGUMENTS; PROGRAM ...\", up to 1023 characters";

static const struct option option_table[] = {
	{ "mode", NULL, set_mode },
	{ "cpus", "1 to 32", set_cpus },
	{ "affinity", "on, off", set_affinity },
	{ "lock", "auto, always", set_lock },
	{ "jitter", "0 to 1000000", set_jitter },
	{ "run", run_valid, set_run },
	{ "trace", trace_valid, set_trace },
	{ "machine", "a name of up to 15 characters", set_machine },
};

#define OPTION_COUNT (sizeof option_table / sizeof *option_table)

/* One `key=value` of the line, quotes removed. A value has room to be seen to be too long. */
struct word {
	char key[32];
	char value[VALUE_MAX + 1];
	size_t key_length, value_length;
};

static void word_add(struct word *word, bool in_value, char c)
{
	if (in_value && word->value_length + 1 < sizeof word->value)
		word->value[word->value_length++] = c;
	else if (!in_value && word->key_length + 1 < sizeof word->key)
		word->key[word->key_length++] = c;
}

/* Reads the next word; NULL after the last one. A word without `=` has an empty value. */
static const char *next_word(const char *line, struct word *word)
{
	bool quoted = false, in_value = false;

	word->key_length = word->value_length = 0;
	while (*line == ' ')
		line++;
	if (!*line)
		return NULL;
	for (; *line && (quoted || *line != ' '); line++) {
		if (*line == '"')
			quoted = !quoted;
		else if (*line == '=' && !in_value)
			in_value = true;
		else
			word_add(word, in_value, *line);
	}
	word->key[word->key_length] = word->value[word->value_length] = '\0';
	return line;
}

/* Adds NAME, or OWNER.NAME, to a list of words in `list`. */
static void list_add(char list[LIST_SIZE], const char *owner, const char *name)
{
	const size_t length = strlen(list);

	ksnprintf(list + length, LIST_SIZE - length, "%s%s%s%s", length ? ", " : "", owner,
		  *owner ? "." : "", name);
}

static int refuse_key(const struct word *word, char error[OPTIONS_ERROR_MAX])
{
	const struct driver *driver;
	char keys[LIST_SIZE] = "";

	for (uint32_t i = 0; i < OPTION_COUNT; i++)
		list_add(keys, "", option_table[i].key);
	list_add(keys, "", RUN_AT "N");
	for (uint32_t i = 0; (driver = driver_at(i)); i++)
		for (uint32_t option = 0; option < driver->option_count; option++)
			list_add(keys, driver->name, driver->options[option].key);
	ksnprintf(error, OPTIONS_ERROR_MAX, "unknown key \"%s\"; valid keys are %s", word->key,
		  keys);
	return -EINVAL;
}

static int refuse_value(const char *valid, const struct word *word, char error[OPTIONS_ERROR_MAX])
{
	char value[64]; /* as much of it as it takes to recognise it */

	ksnprintf(value, sizeof value, "%s", word->value);
	ksnprintf(error, OPTIONS_ERROR_MAX, "bad value \"%s\" of key %s; valid values are %s",
		  value, word->key, valid);
	return -EINVAL;
}

/* Which modes there are depends on what the kernel was linked with. */
static int refuse_mode(const struct word *word, char error[OPTIONS_ERROR_MAX])
{
	const struct organisation *organisation;
	char modes[LIST_SIZE] = "";

	for (uint32_t i = 0; (organisation = organisation_at(i)); i++)
		list_add(modes, "", organisation->name);
	return refuse_value(modes, word, error);
}

/* The driver's option that a key names, DRIVER.KEY; NULL: none. */
static const struct driver_option *driver_option_find(const struct driver *driver, const char *key)
{
	const size_t length = strlen(driver->name);

	if (strncmp(key, driver->name, length) != 0 || key[length] != '.')
		return NULL;
	for (uint32_t i = 0; i < driver->option_count; i++)
		if (strcmp(key + length + 1, driver->options[i].key) == 0)
			return &driver->options[i];
	return NULL;
}

static int word_apply_to_drivers(const struct word *word, char error[OPTIONS_ERROR_MAX])
{
	const struct driver *driver;

	for (uint32_t i = 0; (driver = driver_at(i)); i++) {
		const struct driver_option *option = driver_option_find(driver, word->key);
		if (option)
			return option->set(word->value) ? 0
							: refuse_value(option->valid, word, error);
	}
	return refuse_key(word, error);
}

/* run@N=…: kept as it is, since which partitions there are is known later. */
static int word_apply_run_at(struct kernel_options *options, const struct word *word,
			     char error[OPTIONS_ERROR_MAX])
{
	char text[sizeof word->key + sizeof word->value];
	uint32_t number;

	if (!set_number(&number, CASTLE_CPUS_MAX, word->key + sizeof RUN_AT - 1) || number == 0)
		return refuse_key(word, error);
	ksnprintf(text, sizeof text, "%u=%s", number, word->value);
	if (strlen(word->value) < OPTIONS_RUN_MAX && run_at_add(options, text))
		return 0;
	return refuse_value(run_valid, word, error);
}

static int word_apply(struct kernel_options *options, const struct word *word,
		      char error[OPTIONS_ERROR_MAX])
{
	for (uint32_t i = 0; i < OPTION_COUNT; i++) {
		const struct option *option = &option_table[i];
		if (strcmp(option->key, word->key) != 0)
			continue;
		if (option->set(options, word->value))
			return 0;
		return option->valid ? refuse_value(option->valid, word, error)
				     : refuse_mode(word, error);
	}
	if (strncmp(word->key, RUN_AT, sizeof RUN_AT - 1) == 0)
		return word_apply_run_at(options, word, error);
	return word_apply_to_drivers(word, error);
}

int options_parse(struct kernel_options *options, const char *line, char error[OPTIONS_ERROR_MAX])
{
	struct word word;

	*options = (struct kernel_options){
		.organisation = organisation_at(0),
		.mode_name = organisation_at(0)->name,
		.cpus = CASTLE_CPUS_MAX,
		.affinity = true,
		.machine = "unknown",
	};
	error[0] = '\0';
	while ((line = next_word(line, &word))) {
		const int result = word_apply(options, &word, error);
		if (result)
			return result;
	}
	return 0;
}
