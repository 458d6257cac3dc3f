/*
 * Parsing the kernel command line: a table of keys, each with its own check.
 */
#include "kernel/core/options.h"

#include <castle/errno.h>
#include <castle/info.h>
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"

#define JITTER_MAX 1000000u
#define VALUE_MAX  OPTIONS_RUN_MAX

const char *const kernel_mode_names[] = {
	[MODE_UP] = "up",
	[MODE_GIANTLOCK] = "giantlock",
	[MODE_APPKERN] = "appkern",
};

struct option {
	const char *key;
	const char *valid; /* what a value may be, for the error message */
	bool (*set)(struct kernel_options *options, const char *value);
};

static bool set_mode(struct kernel_options *options, const char *value)
{
	options->mode = MODE_UP;
	if (strcmp(value, kernel_mode_names[MODE_UP]) == 0)
		return true;
	options->mode = MODE_DEFAULT;
	return strcmp(value, kernel_mode_names[MODE_DEFAULT]) == 0;
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

static bool set_machine(struct kernel_options *options, const char *value)
{
	return set_text(options->machine, sizeof options->machine, value) && *value;
}

static const struct option option_table[] = {
	{ "mode", MODES_VALID, set_mode },
	{ "cpus", "1 to 32", set_cpus },
	{ "affinity", "on, off", set_affinity },
	{ "lock", "auto, always", set_lock },
	{ "jitter", "0 to 1000000", set_jitter },
	{ "run", "\"PROGRAM ARGUMENTS; PROGRAM ...\", up to 1023 characters", set_run },
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

static int refuse_key(const struct word *word, char error[OPTIONS_ERROR_MAX])
{
	char keys[128] = "";

	for (unsigned i = 0; i < OPTION_COUNT; i++) {
		const size_t length = strlen(keys);
		ksnprintf(keys + length, sizeof keys - length, "%s%s", i ? ", " : "",
			  option_table[i].key);
	}
	ksnprintf(error, OPTIONS_ERROR_MAX, "unknown key \"%s\"; valid keys are %s", word->key,
		  keys);
	return -EINVAL;
}

/* A mode of Castle's that this kernel was built without deserves its own words. */
static bool mode_is_known(const char *value)
{
	return strcmp(value, kernel_mode_names[MODE_GIANTLOCK]) == 0 ||
	       strcmp(value, kernel_mode_names[MODE_APPKERN]) == 0;
}

static int refuse_value(const struct option *option, const struct word *word,
			char error[OPTIONS_ERROR_MAX])
{
	char value[64]; /* as much of it as it takes to recognise it */

	ksnprintf(value, sizeof value, "%s", word->value);
	if (option->set == set_mode && mode_is_known(value))
		ksnprintf(error, OPTIONS_ERROR_MAX,
			  "mode=%s is not part of this kernel; valid values of mode are %s", value,
			  option->valid);
	else
		ksnprintf(error, OPTIONS_ERROR_MAX,
			  "bad value \"%s\" of key %s; valid values are %s", value, option->key,
			  option->valid);
	return -EINVAL;
}

static int word_apply(struct kernel_options *options, const struct word *word,
		      char error[OPTIONS_ERROR_MAX])
{
	for (unsigned i = 0; i < OPTION_COUNT; i++) {
		const struct option *option = &option_table[i];
		if (strcmp(option->key, word->key) != 0)
			continue;
		return option->set(options, word->value) ? 0 : refuse_value(option, word, error);
	}
	return refuse_key(word, error);
}

int options_parse(struct kernel_options *options, const char *line, char error[OPTIONS_ERROR_MAX])
{
	struct word word;

	*options = (struct kernel_options){
		.mode = MODE_DEFAULT,
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
