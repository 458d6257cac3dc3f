/*
 * The expression of find: tests and actions, joined by "and" (-a or nothing), "or" (-o), "not" (!)
 * and parentheses, as POSIX.1-2017 has them. It is parsed into a tree once, by recursive descent.
 */
#include "../common/tool.h"
#include "find.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TREE_MAX 128 /* elements of an expression */

struct expression {
	bool (*evaluate)(const struct expression *self, struct found *found);
	const struct expression *left, *right; /* of and, or; not has `left` */
	const char *text;                      /* a pattern */
	uint32_t number;                       /* a type, a depth, a size, or seconds */
	int sign;      /* a number with + before it: more; with -: less; without: just so many */
	uint32_t unit; /* of a size in bytes; or nanoseconds */
};

uint32_t find_depth_least, find_depth_most = UINT32_MAX;

static char **words;
static bool has_action;

static struct expression *element(bool (*evaluate)(const struct expression *, struct found *))
{
	static struct expression tree[TREE_MAX];
	static unsigned used;

	if (used == TREE_MAX)
		find_usage("the expression is too long", "");
	tree[used].evaluate = evaluate;
	return &tree[used++];
}

bool expression_evaluate(const struct expression *expression, struct found *found)
{
	return expression->evaluate(expression, found);
}

static bool evaluate_and(const struct expression *self, struct found *found)
{
	return expression_evaluate(self->left, found) && expression_evaluate(self->right, found);
}

static bool evaluate_or(const struct expression *self, struct found *found)
{
	return expression_evaluate(self->left, found) || expression_evaluate(self->right, found);
}

static bool evaluate_not(const struct expression *self, struct found *found)
{
	return !expression_evaluate(self->left, found);
}

static bool evaluate_true(const struct expression *self, struct found *found)
{
	(void)self, (void)found;
	return true;
}

static bool evaluate_name(const struct expression *self, struct found *found)
{
	return pattern_matches(self->text, found->name);
}

static bool evaluate_path(const struct expression *self, struct found *found)
{
	return pattern_matches(self->text, found->path);
}

static bool evaluate_type(const struct expression *self, struct found *found)
{
	return found->type == self->number;
}

static bool compare(const struct expression *self, uint32_t value)
{
	if (self->sign > 0)
		return value > self->number;
	return self->sign < 0 ? value < self->number : value == self->number;
}

/* Rounded up to units, as POSIX wants it. */
static bool evaluate_size(const struct expression *self, struct found *found)
{
	if (!found_status(found))
		return false;
	return compare(self, ((uint32_t)found->status.st_size + self->unit - 1) / self->unit);
}

static bool evaluate_links(const struct expression *self, struct found *found)
{
	return found_status(found) && compare(self, found->status.st_nlink);
}

static bool evaluate_newer(const struct expression *self, struct found *found)
{
	const struct timespec *time = &found->status.st_mtim;

	if (!found_status(found))
		return false;
	return (uint32_t)time->tv_sec > self->number ||
	       ((uint32_t)time->tv_sec == self->number && (uint32_t)time->tv_nsec > self->unit);
}

static bool directory_is_empty(const char *path)
{
	DIR *directory = opendir(path);
	bool empty;

	if (!directory) {
		find_failed(path);
		return false;
	}
	empty = readdir(directory) == NULL;
	closedir(directory);
	return empty;
}

static bool evaluate_empty(const struct expression *self, struct found *found)
{
	(void)self;
	if (found->type == DT_DIR)
		return directory_is_empty(found->path);
	return found->type == DT_REG && found_status(found) && found->status.st_size == 0;
}

static bool evaluate_print(const struct expression *self, struct found *found)
{
	(void)self;
	if (puts(found->path) < 0)
		find_failed("standard output");
	return true;
}

static bool evaluate_print0(const struct expression *self, struct found *found)
{
	(void)self;
	if (fputs(found->path, stdout) < 0 || putchar('\0') < 0)
		find_failed("standard output");
	return true;
}

/* The word that a test or action needs behind it. */
static char *argument(const char *primary)
{
	if (!*words)
		find_usage("a word is missing after", primary);
	return *words++;
}

/* [+-]N and, for a size, its unit: c bytes, k kilobytes, none blocks of 512 bytes. */
static void parse_number(struct expression *self, const char *text, bool has_unit)
{
	const char *digits = text;
	char *end;

	self->sign = *text == '+' ? 1 : *text == '-' ? -1 : 0;
	if (self->sign)
		digits++;
	self->number = strtoul(digits, &end, 10);
	self->unit = 512;
	if (end > digits && has_unit && (*end == 'c' || *end == 'k'))
		self->unit = *end++ == 'c' ? 1 : 1024;
	if (end == digits || *digits == '-' || *digits == '+' || *end)
		find_usage("not a number", text);
}

static void parse_pattern(struct expression *self)
{
	self->text = words[-1];
}

static void parse_type(struct expression *self)
{
	static const char letters[] = "fdcp";
	static const uint8_t types[] = { DT_REG, DT_DIR, DT_CHR, DT_FIFO };
	const char *letter = strchr(letters, *words[-1]);

	if (!letter || !*letter || words[-1][1])
		find_usage("the types are f, d, c and p, not", words[-1]);
	self->number = types[letter - letters];
}

static void parse_size(struct expression *self)
{
	parse_number(self, words[-1], true);
}

static void parse_count(struct expression *self)
{
	parse_number(self, words[-1], false);
}

static void parse_newer(struct expression *self)
{
	struct stat status;

	if (stat(words[-1], &status) != 0)
		exit(tool_error("find", words[-1]));
	self->number = status.st_mtim.tv_sec;
	self->unit = status.st_mtim.tv_nsec;
}

static void parse_least(struct expression *self)
{
	parse_number(self, words[-1], false);
	find_depth_least = self->number;
}

static void parse_most(struct expression *self)
{
	parse_number(self, words[-1], false);
	find_depth_most = self->number;
}

/* All tests and actions; those with a parse function take a word. */
static const struct primary {
	const char *name;
	bool (*evaluate)(const struct expression *, struct found *);
	void (*parse)(struct expression *self); /* its word is words[-1] */
	bool is_action;
} primaries[] = {
	{ "-name", evaluate_name, parse_pattern, false },
	{ "-path", evaluate_path, parse_pattern, false },
	{ "-type", evaluate_type, parse_type, false },
	{ "-size", evaluate_size, parse_size, false },
	{ "-links", evaluate_links, parse_count, false },
	{ "-newer", evaluate_newer, parse_newer, false },
	{ "-empty", evaluate_empty, NULL, false },
	{ "-mindepth", evaluate_true, parse_least, false },
	{ "-maxdepth", evaluate_true, parse_most, false },
	{ "-print", evaluate_print, NULL, true },
	{ "-print0", evaluate_print0, NULL, true },
};

static struct expression *parse_or(void);

static struct expression *parse_primary(const char *word)
{
	for (unsigned i = 0; i < sizeof primaries / sizeof *primaries; i++) {
		const struct primary *primary = &primaries[i];
		struct expression *self;
		if (strcmp(word, primary->name) != 0)
			continue;
		self = element(primary->evaluate);
		has_action |= primary->is_action;
		if (primary->parse) {
			argument(word);
			primary->parse(self);
		}
		return self;
	}
	find_usage("unknown test or action", word);
}

static bool next_is(const char *word)
{
	return *words && strcmp(*words, word) == 0;
}

static struct expression *parse_not(void)
{
	struct expression *self;
	const char *word;

	if (!*words)
		find_usage("the expression ends too early", "");
	word = *words++;
	if (strcmp(word, "!") == 0 || strcmp(word, "-not") == 0) {
		self = element(evaluate_not);
		self->left = parse_not();
		return self;
	}
	if (strcmp(word, "(") != 0)
		return parse_primary(word);
	self = parse_or();
	if (!next_is(")"))
		find_usage("a parenthesis is not closed", "");
	words++;
	return self;
}

static struct expression *parse_and(void)
{
	struct expression *left = parse_not();

	while (*words && !next_is("-o") && !next_is(")")) {
		struct expression *self = element(evaluate_and);
		if (next_is("-a"))
			words++;
		self->left = left;
		self->right = parse_not();
		left = self;
	}
	return left;
}

static struct expression *parse_or(void)
{
	struct expression *left = parse_and();

	while (next_is("-o")) {
		struct expression *self = element(evaluate_or);
		words++;
		self->left = left;
		self->right = parse_and();
		left = self;
	}
	return left;
}

struct expression *expression_parse(char **all_words)
{
	struct expression *tests, *both;

	words = all_words;
	tests = *words ? parse_or() : element(evaluate_true);
	if (*words)
		find_usage("nothing belongs to", *words);
	if (has_action)
		return tests;
	both = element(evaluate_and);
	both->left = tests;
	both->right = element(evaluate_print);
	return both;
}
