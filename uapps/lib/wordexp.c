/*
 * wordexp(): the shell expands the words and prints each with a zero byte behind it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

/* `x` is there even if there are no words. */
#define SHELL_COMMAND "eval \"printf '%s\\\\0' x $1\""
#define OUTPUT_STEP   512

/* The character behind a quoted part that begins here; null if it has no end. */
static const char *skip_quoted(const char *text)
{
	const char quote = *text++;

	while (*text && *text != quote)
		text += quote == '"' && *text == '\\' && text[1] ? 2 : 1;
	return *text ? text + 1 : NULL;
}

/* Whether a command would be run here, arithmetic being none. */
static bool is_command(const char *text)
{
	return *text == '`' || (text[0] == '$' && text[1] == '(' && text[2] != '(');
}

/* Commands inside double quotes are run as well. */
static bool quotes_command(const char *text, const char *end)
{
	for (; text < end; text++)
		if (*text == '\\')
			text++;
		else if (is_command(text))
			return true;
	return false;
}

/*
 * What is wrong with the words before the shell sees them: characters that would end or redirect
 * its command, quotes without an end, and commands where none are wanted. 0 if nothing.
 */
static int check(const char *words, int flags)
{
	int depth = 0;

	while (*words) {
		const char *start = words;

		if (*words == '\\') {
			words += words[1] ? 2 : 1;
			continue;
		}
		if (*words == '\'' || *words == '"') {
			words = skip_quoted(words);
			if (!words)
				return WRDE_SYNTAX;
			if (*start == '"' && flags & WRDE_NOCMD && quotes_command(start, words))
				return WRDE_CMDSUB;
			continue;
		}
		if (flags & WRDE_NOCMD && is_command(words))
			return WRDE_CMDSUB;
		if (*words == '$' && (words[1] == '(' || words[1] == '{')) {
			depth++;
			words++;
		} else if (depth && strchr("({", *words)) {
			depth++;
		} else if (depth && strchr(")}", *words)) {
			depth--;
		} else if (!depth && strchr("|&;<>(){}\n", *words)) {
			return WRDE_BADCHAR;
		}
		words++;
	}
	return depth ? WRDE_SYNTAX : 0;
}

/* In the child: the shell, its output in the pipe. */
static void run_shell(const char *words, int flags, int output)
{
	if (!(flags & WRDE_SHOWERR)) {
		const int nothing = open("/dev/null", O_WRONLY);

		dup2(nothing, STDERR_FILENO);
	}
	dup2(output, STDOUT_FILENO);
	execl("/bin/sh", "sh", flags & WRDE_UNDEF ? "-uc" : "-c", SHELL_COMMAND, "sh", words,
	      (char *)NULL);
	_exit(127);
}

/* All that comes out of the pipe; null without memory. */
static char *read_all(int input, size_t *size)
{
	char *text = NULL;

	*size = 0;
	for (;;) {
		char *larger = realloc(text, *size + OUTPUT_STEP);
		ssize_t got;

		if (!larger) {
			free(text);
			return NULL;
		}
		text = larger;
		got = read(input, text + *size, OUTPUT_STEP);
		if (got <= 0)
			return text;
		*size += got;
	}
}

/* What the shell prints of the words; null, and an error of wordexp()'s. */
static char *expand(const char *words, int flags, size_t *size, int *error)
{
	int ends[2], status = 0;
	char *text;
	pid_t child;

	*error = WRDE_NOSPACE;
	if (pipe(ends))
		return NULL;
	child = fork();
	if (child == 0)
		run_shell(words, flags, ends[1]);
	close(ends[1]);
	text = child < 0 ? NULL : read_all(ends[0], size);
	close(ends[0]);
	if (child > 0)
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
	if (text && (status || *size < 2)) {
		*error = flags & WRDE_UNDEF ? WRDE_BADVAL : WRDE_SYNTAX;
		free(text);
		return NULL;
	}
	return text;
}

/* Adds one word behind those that there are; false without memory. */
static bool add_word(wordexp_t *expansion, size_t offset, const char *word)
{
	const size_t count = offset + expansion->we_wordc;
	char **words = realloc(expansion->we_wordv, (count + 2) * sizeof *words);

	if (!words)
		return false;
	expansion->we_wordv = words;
	words[count + 1] = NULL;
	words[count] = word ? strdup(word) : NULL;
	if (!word)
		return true;
	expansion->we_wordc++;
	return words[count] != NULL;
}

int wordexp(const char *restrict words, wordexp_t *restrict expansion, int flags)
{
	int error = check(words, flags);
	size_t size, offset;
	char *text;

	if (flags & WRDE_REUSE)
		wordfree(expansion);
	if (!(flags & WRDE_APPEND)) {
		expansion->we_wordc = 0;
		expansion->we_wordv = NULL;
	}
	if (!(flags & WRDE_DOOFFS))
		expansion->we_offs = 0;
	if (error)
		return error;
	text = expand(words, flags, &size, &error);
	if (!text)
		return error;
	offset = expansion->we_offs;
	error = add_word(expansion, offset, NULL) ? 0 : WRDE_NOSPACE;
	if (!error && !expansion->we_wordc)
		memset(expansion->we_wordv, 0, offset * sizeof *expansion->we_wordv);
	for (const char *word = text + 2; !error && word < text + size; word += strlen(word) + 1)
		error = add_word(expansion, offset, word) ? 0 : WRDE_NOSPACE;
	free(text);
	return error;
}

void wordfree(wordexp_t *expansion)
{
	for (size_t i = 0; expansion->we_wordv && i < expansion->we_wordc; i++)
		free(expansion->we_wordv[expansion->we_offs + i]);
	free(expansion->we_wordv);
	expansion->we_wordv = NULL;
	expansion->we_wordc = 0;
}
