/*
 * scandir() and the order of names that goes with it.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int alphasort(const struct dirent **one, const struct dirent **other)
{
	return strcoll((*one)->d_name, (*other)->d_name);
}

/* A copy, added to the list; 0, or -1 without memory. */
static int keep(struct dirent ***list, int count, const struct dirent *entry)
{
	struct dirent **larger = realloc(*list, (count + 1) * sizeof **list);
	struct dirent *copy = malloc(sizeof *copy);

	if (larger)
		*list = larger;
	if (!larger || !copy) {
		free(copy);
		return -1;
	}
	*copy = *entry;
	larger[count] = copy;
	return 0;
}

int scandir(const char *path, struct dirent ***names, int (*select)(const struct dirent *),
	    int (*compare)(const struct dirent **, const struct dirent **))
{
	DIR *directory = opendir(path);
	struct dirent **list = NULL, *entry;
	int count = 0, failed = 0;

	if (!directory)
		return -1;
	while (!failed && (entry = readdir(directory)))
		if (!select || select(entry))
			failed = keep(&list, count, entry), count += !failed;
	closedir(directory);
	if (failed) {
		while (count)
			free(list[--count]);
		free(list);
		errno = ENOMEM;
		return -1;
	}
	if (compare && count)
		qsort(list, count, sizeof *list,
		      (int (*)(const void *, const void *))(void *)compare);
	*names = list;
	return count;
}
