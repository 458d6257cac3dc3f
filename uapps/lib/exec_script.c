/*
 * Scripts: files whose first line names, behind `#!`, the program that is to read them. The kernel
 * knows code packages alone; the library looks at what it has refused, as POSIX has execvp() do.
 */
#include "exec_script.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <castle/abi.h>

#define FIRST_LINE_MAX 256

/* Reads the first line behind `#!`, without spaces around it; false if there is none. */
static int read_interpreter(const char *path, char line[FIRST_LINE_MAX])
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[FIRST_LINE_MAX];
	ssize_t size;
	char *start;

	if (fd < 0)
		return 0;
	size = read(fd, text, sizeof text - 1);
	close(fd);
	if (size < 2 || text[0] != '#' || text[1] != '!')
		return 0;
	text[size] = '\0';
	text[strcspn(text, "\n")] = '\0';
	start = text + 2 + strspn(text + 2, " \t");
	strcpy(line, start);
	for (size_t end = strlen(line); end > 0 && strchr(" \t\r", line[end - 1]); end--)
		line[end - 1] = '\0';
	return *line != '\0';
}

static size_t count_of(char *const argv[])
{
	size_t count = 0;

	while (argv[count])
		count++;
	return count;
}

char **exec_script_arguments(const char *path, char *const argv[])
{
	const size_t count = count_of(argv);
	char line[FIRST_LINE_MAX], *option;
	char **arguments;
	size_t used = 0;

	if (!read_interpreter(path, line))
		return NULL;
	arguments = malloc((count + 4) * sizeof *arguments + FIRST_LINE_MAX);
	if (!arguments)
		return NULL;
	/* The interpreter, one argument for it if there is more in the line, the script, the
	 * script's arguments. */
	arguments[used++] = strcpy((char *)(arguments + count + 4), line);
	option = arguments[0] + strcspn(arguments[0], " \t");
	if (*option) {
		*option++ = '\0';
		arguments[used++] = option + strspn(option, " \t");
	}
	arguments[used++] = (char *)path;
	for (size_t i = 1; i < count; i++)
		arguments[used++] = argv[i];
	arguments[used] = NULL;
	return arguments;
}
