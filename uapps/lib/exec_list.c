/*
 * execl() and its relatives: program arguments as a list that ends with a null pointer.
 */
#include <alloca.h>
#include <stdarg.h>
#include <unistd.h>
#include "result.h"

/* Arguments in the list, its null included. */
static int count(va_list list)
{
	int number = 2;

	while (va_arg(list, char *))
		number++;
	return number;
}

/* Fills argv from its first entry and the list; the list then stands behind its null. */
static void collect(char **argv, const char *first, va_list *list)
{
	*argv = (char *)first;
	while (*argv++)
		*argv = va_arg(*list, char *);
}

/* Declares argv with the arguments from `first` on; `list` stands behind the null afterwards. */
#define COLLECT_ARGUMENTS(argv, first, list)               \
	va_start(list, first);                             \
	char **argv = alloca(count(list) * sizeof(*argv)); \
	va_end(list);                                      \
	va_start(list, first);                             \
	collect(argv, first, &list)

int execl(const char *path, const char *first, ...)
{
	va_list list;

	COLLECT_ARGUMENTS(argv, first, list);
	va_end(list);
	return execv(path, argv);
}

int execle(const char *path, const char *first, ...)
{
	va_list list;
	char *const *envp;

	COLLECT_ARGUMENTS(argv, first, list);
	envp = va_arg(list, char *const *);
	va_end(list);
	return execve(path, argv, envp);
}

int execlp(const char *file, const char *first, ...)
{
	va_list list;

	COLLECT_ARGUMENTS(argv, first, list);
	va_end(list);
	return execvp(file, argv);
}
