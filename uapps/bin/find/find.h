/*
 * find: the files that are found, and the expression that each is tried against.
 */
#ifndef UAPPS_BIN_FIND_FIND_H
#define UAPPS_BIN_FIND_FIND_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* A file on the way. Its status is only looked for when a test needs it. */
struct found {
	const char *path;
	const char *name; /* the last component */
	uint32_t depth;   /* below the starting point */
	uint8_t type;     /* DT_*, as its directory says it */
	DIR *directory;   /* that it was just read from; null: a starting point */
	bool has_status;
	struct stat status;
};

/* The status; on an error says so, remembers that something failed, and returns false. */
bool found_status(struct found *found);

/* Something went wrong: the exit status will say so. */
void find_failed(const char *path);

struct expression;

/*
 * Parses the words of an expression, up to a null pointer. Ends the program with a message when it
 * is not one. Without any action in it, what matches is printed.
 */
struct expression *expression_parse(char **words);

/* Tries a file, and does the actions. */
bool expression_evaluate(const struct expression *expression, struct found *found);

/* What -mindepth and -maxdepth said. */
extern uint32_t find_depth_least, find_depth_most;

/* Whether the name matches a pattern of the shell's: *, ?, [a-z], [!a-z] and \. */
bool pattern_matches(const char *pattern, const char *name);

__attribute__((noreturn)) void find_usage(const char *problem, const char *word);

#endif
