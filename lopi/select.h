/*
 * Which functions to instrument: by name, by pattern, or by what a profile says.
 */
#ifndef LOPI_SELECT_H
#define LOPI_SELECT_H

#include <stdbool.h>
#include <stddef.h>

struct pattern {
	const char *text;
	bool exact; /* it is a name that somebody wrote: it must be found, and not be refused */
	bool found;
};

struct selection {
	struct pattern *wanted;
	size_t wanted_count;
	struct pattern *unwanted;
	size_t unwanted_count;
	bool all;
};

/* Adds the names and patterns of a list separated by commas. */
void selection_add(struct selection *selection, const char *list);

/* Adds a name that a profile has. There need not be such a function. */
void selection_add_found(struct selection *selection, const char *name);

void selection_exclude(struct selection *selection, const char *list);

/* Adds the functions that make up `share` per cent of the costs in a profile. End the tool if it is
 * none. */
void selection_add_callgrind(struct selection *selection, const char *path, double share);
void selection_add_gprof(struct selection *selection, const char *path, double share);

/* Whether the function of that name is selected; notes that the pattern was found. */
bool selection_has(struct selection *selection, const char *name);

/* Whether somebody wrote this very name. */
bool selection_names(const struct selection *selection, const char *name);

#endif
