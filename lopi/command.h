/*
 * Commands that the tool runs.
 */
#ifndef LOPI_COMMAND_H
#define LOPI_COMMAND_H

#include <stddef.h>

/* Its words; always with a null behind the last. */
struct command {
	char **words;
	size_t count;
};

void command_add(struct command *command, const char *word);

/* Runs `program` with these arguments. Returns its status as shells give it. */
int command_run(const char *program, const struct command *arguments);

/* Removes a directory that has no others in it. */
void command_remove_directory(const char *path);

#endif
