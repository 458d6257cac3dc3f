/*
 * ls: lists directories, sorted; -l: with type, permissions, links, size and time; -a: with names
 * that begin with a dot.
 */
#include "common/tool.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool long_format, all;

static char type_letter(mode_t mode)
{
	if (S_ISDIR(mode))
		return 'd';
	if (S_ISLNK(mode))
		return 'l';
	return S_ISCHR(mode) ? 'c' : '-';
}

/* Where a symbolic link leads, behind its name. */
static void print_target(const char *path, mode_t mode)
{
	char target[1024];
	const ssize_t length = S_ISLNK(mode) ? readlink(path, target, sizeof target) : -1;

	if (length >= 0)
		printf(" -> %.*s", (int)length, target);
	putchar('\n');
}

static int print_entry(const char *path, const char *name)
{
	static const char letters[] = "rwxrwxrwx";
	struct stat status;
	char mode[11], when[32];

	if (!long_format) {
		puts(name);
		return 0;
	}
	if (lstat(path, &status) != 0)
		return tool_error("ls", path);
	mode[0] = type_letter(status.st_mode);
	for (int i = 0; i < 9; i++)
		mode[i + 1] = status.st_mode & 0400 >> i ? letters[i] : '-';
	mode[10] = '\0';
	strftime(when, sizeof when, "%Y-%m-%d %H:%M", gmtime(&status.st_mtime));
	printf("%s %2u %8ld %s %s", mode, (unsigned)status.st_nlink, (long)status.st_size, when,
	       name);
	print_target(path, status.st_mode);
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
	char **name;
	unsigned count, room;
};

static bool names_add(struct names *names, const char *name)
{
	if (names->count == names->room) {
		const unsigned room = names->room ? 2 * names->room : 64;
		char **more = realloc(names->name, room * sizeof *more);
		if (!more)
			return false;
		names->name = more;
		names->room = room;
	}
	names->name[names->count] = strdup(name);
	return names->name[names->count++] != NULL;
}

static bool names_read(struct names *names, const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	bool good = true;

	if (!directory)
		return false;
	while (good && (entry = readdir(directory)))
		if (all || entry->d_name[0] != '.')
			good = names_add(names, entry->d_name);
	closedir(directory);
	return good;
}

static int list_directory(const char *path)
{
	struct names names = { NULL, 0, 0 };
	char name[1024];
	int failed = 0;

	if (!names_read(&names, path))
		failed = tool_error("ls", path);
	qsort(names.name, names.count, sizeof *names.name, compare_names);
	for (unsigned i = 0; i < names.count; i++) {
		snprintf(name, sizeof name, "%s/%s", path, names.name[i]);
		failed |= print_entry(name, names.name[i]);
		free(names.name[i]);
	}
	free(names.name);
	return failed;
}

static int list(const char *path, bool with_header)
{
	struct stat status;

	/* A link that leads nowhere is listed as what it is. */
	if ((long_format || stat(path, &status) != 0) && lstat(path, &status) != 0)
		return tool_error("ls", path);
	if (!S_ISDIR(status.st_mode))
		return print_entry(path, path);
	if (with_header)
		printf("%s:\n", path);
	return list_directory(path);
}

int main(int argc, char **argv)
{
	int option, failed = 0;

	tool_help("ls", argc, argv);
	while ((option = getopt(argc, argv, "la")) != -1) {
		if (option == 'l')
			long_format = true;
		else if (option == 'a')
			all = true;
		else
			tool_usage("ls [-la] [NAME...]");
	}
	if (optind == argc)
		return list(".", false);
	for (int i = optind; i < argc; i++)
		failed |= list(argv[i], argc - optind > 1);
	return failed;
}
