/*
 * Running commands, and tidying up after them.
 */
#include "command.h"
#include "memory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void command_add(struct command *command, const char *word)
{
	command->words = memory_grow(command->words, command->count, sizeof(*command->words));
	command->words[command->count++] = memory_print("%s", word);
	command->words = memory_grow(command->words, command->count, sizeof(*command->words));
}

int command_run(const char *program, const struct command *arguments)
{
	struct command whole = { 0 };
	pid_t child;
	int status;

	command_add(&whole, program);
	for (size_t index = 0; index < arguments->count; index++)
		command_add(&whole, arguments->words[index]);
	child = fork();
	if (child == 0) {
		execvp(program, whole.words);
		fprintf(stderr, "lopi: %s: %s\n", program, strerror(errno));
		_exit(127); /* tidying up is the tool's */
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		die(STATUS_FAILED, "cannot run %s: %m", program);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void command_remove_directory(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;

	while (directory && (entry = readdir(directory)))
		unlink(memory_print("%s/%s", path, entry->d_name));
	if (directory)
		closedir(directory);
	rmdir(path);
}
