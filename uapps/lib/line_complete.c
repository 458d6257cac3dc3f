/*
 * Completing a word of a command line: which names begin like it, and what they have in common.
 */
#include "line_complete.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NO_DESCRIPTOR (-1)

/* A word: where it begins, in which directory its names are, and what they must begin with. */
struct word {
	const char *start;
	unsigned length;
	bool is_command;
	char directory[LINE_WORD_MAX];
	char prefix[LINE_WORD_MAX];
};

static bool ends_word(char c)
{
	return strchr(" \t\n;|&()<>`\"'=", c);
}

/* A word is a command's if nothing but spaces stands between it and what ends a command. */
static bool is_first(const char *text, const char *start)
{
	while (start > text && (start[-1] == ' ' || start[-1] == '\t'))
		start--;
	return start == text || strchr(";|&(`\n", start[-1]);
}

/* False if it is too long. */
static bool word_find(const char *text, unsigned length, struct word *word)
{
	const char *end = text + length, *start = end, *slash;

	while (start > text && !ends_word(start[-1]))
		start--;
	if (end - start >= LINE_WORD_MAX)
		return false;
	word->start = start;
	word->length = end - start;
	snprintf(word->prefix, sizeof word->prefix, "%.*s", (int)word->length, start);
	slash = strrchr(word->prefix, '/');
	word->is_command = !slash && is_first(text, start);
	strcpy(word->directory, ".");
	if (slash) {
		snprintf(word->directory, sizeof word->directory, "%.*s",
			 (int)(slash - word->prefix + 1), word->prefix);
		memmove(word->prefix, slash + 1, strlen(slash));
	}
	return true;
}

static bool is_directory(const char *directory, const char *name)
{
	char path[2 * LINE_WORD_MAX];
	struct stat file;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	return stat(path, &file) == 0 && S_ISDIR(file.st_mode);
}

/* One more name that fits: what all have in common gets shorter. */
static void add_name(struct completion *completion, const char *rest, const char *end)
{
	char *common = completion->common;

	if (completion->count++ == 0) {
		snprintf(common, sizeof completion->common, "%s%s", rest, end);
		return;
	}
	while (*common && *common == *rest)
		common++, rest++;
	*common = '\0';
}

static void print_name(int descriptor, const char *name, const char *end)
{
	char text[LINE_WORD_MAX + 4];
	const int length = snprintf(text, sizeof text, "%s%s  ", name, *end == '/' ? end : "");

	if (descriptor != NO_DESCRIPTOR)
		write(descriptor, text, length);
}

static void add_directory(const struct word *word, const char *path, int show,
			  struct completion *completion)
{
	const size_t length = strlen(word->prefix);
	DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory)
		return;
	while ((entry = readdir(directory))) {
		const char *name = entry->d_name;
		/* Hidden names only for who asks for them. */
		if (strncmp(name, word->prefix, length) != 0 || (*name == '.' && length == 0))
			continue;
		const char *end = !word->is_command && is_directory(path, name) ? "/" : " ";
		add_name(completion, name + length, end);
		print_name(show, name, end);
	}
	closedir(directory);
}

static void add_commands(const struct word *word, int show, struct completion *completion)
{
	const char *path = getenv("PATH");
	char directory[LINE_WORD_MAX];

	while (path && *path) {
		const size_t length = strcspn(path, ":");
		snprintf(directory, sizeof directory, "%.*s", (int)length, path);
		add_directory(word, directory, show, completion);
		path += length + (path[length] == ':');
	}
}

void line_complete(const char *text, unsigned length, int show, struct completion *completion)
{
	struct word word;

	completion->count = 0;
	completion->common[0] = '\0';
	if (!word_find(text, length, &word))
		return;
	if (word.is_command)
		add_commands(&word, show, completion);
	else
		add_directory(&word, word.directory, show, completion);
}
