/*
 * Names, patterns as the shell has them, and exclusions. A function of C++ goes by three names: the
 * object's, that with scope and arguments, and that with its scope alone.
 */
#include "select.h"
#include "demangle.h"
#include "memory.h"

#include <fnmatch.h>
#include <string.h>

static bool ends_name(const char *text)
{
	return strchr(", \t\n", *text) && strncmp(text, " const", 6) != 0;
}

/* The next name of the list, cut out of it. Commas and spaces between brackets are part of a name,
 * and so is that a function of a class leaves its object as it is. */
static char *next_text(char **rest)
{
	char *text = *rest + strspn(*rest, ", \t\n"), *end = text;
	int depth = 0;

	for (; *end && (depth > 0 || !ends_name(end)); end++) {
		if (strncmp(end, "operator", 8) == 0)
			end += 7 + strspn(end + 8, "<>");
		else
			depth += (*end == '(' || *end == '<') - (*end == ')' || *end == '>');
	}
	*rest = *end ? end + 1 : end;
	*end = '\0';
	return *text ? text : NULL;
}

static void add_pattern(struct pattern **patterns, size_t *count, const char *text, bool exact)
{
	*patterns = memory_grow(*patterns, *count, sizeof(**patterns));
	(*patterns)[*count].text = text;
	(*patterns)[*count].exact = exact;
	(*count)++;
}

static void add_list(struct pattern **patterns, size_t *count, const char *list)
{
	char *rest = memory_print("%s", list), *text;

	while ((text = next_text(&rest)))
		add_pattern(patterns, count, text, strpbrk(text, "*?[") == NULL);
}

void selection_add(struct selection *selection, const char *list)
{
	add_list(&selection->wanted, &selection->wanted_count, list);
}

void selection_add_found(struct selection *selection, const char *name)
{
	add_pattern(&selection->wanted, &selection->wanted_count, name, false);
}

void selection_exclude(struct selection *selection, const char *list)
{
	add_list(&selection->unwanted, &selection->unwanted_count, list);
}

/* What a function is called. */
struct called {
	const char *names[3];
	size_t count;
};

static struct called names_of(const char *name)
{
	struct called called = { { name }, 1 };
	const char *readable = demangle(name);

	if (readable != name) {
		called.names[called.count++] = readable;
		called.names[called.count++] = demangle_short(name);
	}
	return called;
}

/* A name that has a star, as an argument, is that name before it is a pattern. */
static bool matches(const struct pattern *pattern, const struct called *called)
{
	for (size_t index = 0; index < called->count; index++) {
		if (strcmp(pattern->text, called->names[index]) == 0 ||
		    (!pattern->exact && fnmatch(pattern->text, called->names[index], 0) == 0))
			return true;
	}
	return false;
}

bool selection_has(struct selection *selection, const char *name)
{
	struct called called = names_of(name);
	bool wanted = selection->all;

	for (size_t index = 0; index < selection->unwanted_count; index++) {
		if (matches(&selection->unwanted[index], &called))
			return false;
	}
	for (size_t index = 0; index < selection->wanted_count; index++) {
		if (!matches(&selection->wanted[index], &called))
			continue;
		selection->wanted[index].found = true;
		wanted = true;
	}
	return wanted;
}

bool selection_names(const struct selection *selection, const char *name)
{
	struct called called = names_of(name);

	for (size_t index = 0; index < selection->wanted_count; index++) {
		if (selection->wanted[index].exact && matches(&selection->wanted[index], &called))
			return true;
	}
	return false;
}
