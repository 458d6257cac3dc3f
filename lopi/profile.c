/*
 * Reading profiles: which functions make up most of the time. Callgrind's format is described in
 * its manual ("Callgrind Format Specification"); of gprof it is the flat profile that is read.
 */
#include "memory.h"
#include "select.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cost {
	char *name;
	double cost;
};

struct profile {
	struct cost *costs;
	size_t count;
	char **names; /* callgrind's numbers for names */
	size_t name_count;
	size_t current;
	int positions; /* numbers that precede the costs in a line */
	bool call;     /* the next line is about a call, not about the function itself */
};

static size_t cost_of(struct profile *profile, const char *name)
{
	for (size_t index = 0; index < profile->count; index++) {
		if (strcmp(profile->costs[index].name, name) == 0)
			return index;
	}
	profile->costs = memory_grow(profile->costs, profile->count, sizeof(*profile->costs));
	profile->costs[profile->count].name = memory_print("%s", name);
	return profile->count++;
}

/* `(12) name` gives a name its number, `(12)` uses it. */
static const char *callgrind_name(struct profile *profile, const char *path, char *text)
{
	char *name = text;
	unsigned long number;

	if (*text != '(' || !isdigit((unsigned char)text[1])) /* "(below main)" is a name */
		return text;
	number = strtoul(text + 1, &name, 10);
	if (*name != ')' || number > 1000000)
		die(STATUS_FAILED, "%s: not a callgrind profile: %s", path, text);
	while (profile->name_count <= number) {
		profile->names = memory_grow(profile->names, profile->name_count, sizeof(char *));
		profile->name_count++;
	}
	name += strspn(name, ") ");
	if (*name)
		profile->names[number] = memory_print("%s", name);
	if (!profile->names[number])
		die(STATUS_FAILED, "%s: not a callgrind profile: %s has no name", path, text);
	return profile->names[number];
}

static void callgrind_cost(struct profile *profile, char *line)
{
	char *rest = line;

	for (int index = 0; index < profile->positions; index++)
		rest += strcspn(rest, " "), rest += strspn(rest, " ");
	if (!profile->call && profile->count)
		profile->costs[profile->current].cost += strtod(rest, NULL);
	profile->call = false;
}

static void callgrind_line(struct profile *profile, const char *path, char *line)
{
	if (strncmp(line, "fn=", 3) == 0)
		profile->current = cost_of(profile, callgrind_name(profile, path, line + 3));
	else if (strncmp(line, "cfn=", 4) == 0)
		callgrind_name(profile, path, line + 4);
	else if (strncmp(line, "calls=", 6) == 0)
		profile->call = true;
	else if (strcmp(line, "positions: instr line") == 0)
		profile->positions = 2;
	else if (isdigit((unsigned char)*line) || strchr("+-*", *line))
		callgrind_cost(profile, line);
}

/* `% cumulative self calls self total name`: the first and the last count. */
static void gprof_line(struct profile *profile, const char *path, char *line)
{
	char *end, *name = strrchr(line, ' ');
	double share = strtod(line, &end);

	(void)path;
	if (end == line || !name || share < 0 || name[1] == '[')
		return; /* a heading, or a line of the call graph */
	profile->current = cost_of(profile, name + 1);
	profile->costs[profile->current].cost += share;
}

static int compare_costs(const void *one, const void *other)
{
	const struct cost *a = one, *b = other;

	return (a->cost < b->cost) - (a->cost > b->cost);
}

static void add_share(struct selection *selection, struct profile *profile, double share)
{
	double total = 0, sum = 0;

	for (size_t index = 0; index < profile->count; index++)
		total += profile->costs[index].cost;
	qsort(profile->costs, profile->count, sizeof(*profile->costs), compare_costs);
	for (size_t index = 0; index < profile->count && sum < total * share / 100; index++) {
		selection_add_found(selection, profile->costs[index].name);
		sum += profile->costs[index].cost;
	}
}

static void read_profile(struct selection *selection, const char *path, double share,
			 void (*parse)(struct profile *profile, const char *path, char *line))
{
	struct profile profile = { .positions = 1 };
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	if (!file)
		die(STATUS_FAILED, "%s: %m", path);
	while ((length = getline(&line, &room, file)) > 0) {
		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		parse(&profile, path, line);
	}
	if (profile.count == 0)
		die(STATUS_FAILED, "%s: no profile of functions", path);
	add_share(selection, &profile, share);
	free(line);
	fclose(file);
}

void selection_add_callgrind(struct selection *selection, const char *path, double share)
{
	read_profile(selection, path, share, callgrind_line);
}

void selection_add_gprof(struct selection *selection, const char *path, double share)
{
	read_profile(selection, path, share, gprof_line);
}
