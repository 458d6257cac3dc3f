/*
 * Names, patterns as the shell has them, and exclusions.
 */
#include "select.h"
#include "memory.h"

#include <fnmatch.h>
#include <string.h>

static void add_list(struct pattern **patterns, size_t *count, const char *list)
{
	char *copy = memory_print("%s", list), *rest = copy, *text;

	while ((text = strsep(&rest, ", \t\n"))) {
		if (!*text)
			continue;
		*patterns = memory_grow(*patterns, *count, sizeof(**patterns));
		(*patterns)[*count].text = text;
		(*patterns)[*count].exact = strpbrk(text, "*?[") == NULL;
		(*count)++;
	}
}

void selection_add(struct selection *selection, const char *list)
{
	add_list(&selection->wanted, &selection->wanted_count, list);
}

void selection_exclude(struct selection *selection, const char *list)
{
	add_list(&selection->unwanted, &selection->unwanted_count, list);
}

static bool matches(const struct pattern *pattern, const char *name)
{
	return pattern->exact ? strcmp(pattern->text, name) == 0
			      : fnmatch(pattern->text, name, 0) == 0;
}

bool selection_has(struct selection *selection, const char *name)
{
	bool wanted = selection->all;

	for (size_t index = 0; index < selection->unwanted_count; index++) {
		if (matches(&selection->unwanted[index], name))
			return false;
	}
	for (size_t index = 0; index < selection->wanted_count; index++) {
		if (!matches(&selection->wanted[index], name))
			continue;
		selection->wanted[index].found = true;
		wanted = true;
	}
	return wanted;
}

bool selection_names(const struct selection *selection, const char *name)
{
	for (size_t index = 0; index < selection->wanted_count; index++) {
		if (selection->wanted[index].exact &&
		    strcmp(selection->wanted[index].text, name) == 0)
			return true;
	}
	return false;
}
