/*
 * find: walks directories and everything below them, and prints what an expression matches.
 */
#include "../common/tool.h"
#include "find.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#define PATH_SIZE 4096

static const struct expression *expression;
static int status;

/* The path of the file that is looked at; directories below it are appended, and taken off again.
 */
static char path[PATH_SIZE];

void find_usage(const char *problem, const char *word)
{
	fprintf(stderr, "find: %s%s%s\n", problem, *word ? " " : "", word);
	tool_usage("find [PATH...] [EXPRESSION]\n"
		   "tests: -name PATTERN, -path PATTERN, -type f|d|c|p, -size [+|-]N[c|k], -links "
		   "[+|-]N,\n  -newer FILE, -empty, -maxdepth N, -mindepth N\n"
		   "actions: -print (unless told otherwise), -print0\n"
		   "joined by: ! TEST, TEST TEST or TEST -a TEST, TEST -o TEST, ( ... )");
}

void find_failed(const char *name)
{
	status = tool_error("find", name);
}

bool found_status(struct found *found)
{
	if (found->has_status)
		return true;
	if (found->directory)
		castle_readdir_stat(found->directory, &found->status);
	else if (lstat(found->path, &found->status) != 0) {
		find_failed(found->path);
		return false;
	}
	found->has_status = true;
	return true;
}

static void visit(struct found *found, size_t length);

static bool name_is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* Visits what is in the directory path[], which has `length` characters. */
static void visit_entries(uint32_t depth, size_t length)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory) {
		find_failed(path);
		return;
	}
	if (path[length - 1] != '/')
		path[length++] = '/';
	while ((entry = readdir(directory))) {
		const size_t name = strlen(entry->d_name);
		struct found found = { .path = path, .name = path + length, .depth = depth };
		if (name_is_dots(entry->d_name))
			continue;
		if (length + name + 2 > sizeof path) {
			fprintf(stderr, "find: %s: path too long\n", entry->d_name);
			status = 1;
			continue;
		}
		memcpy(path + length, entry->d_name, name + 1);
		found.type = entry->d_type;
		found.directory = directory;
		visit(&found, length + name);
	}
	path[length] = '\0';
	closedir(directory);
}

static void visit(struct found *found, size_t length)
{
	const bool is_directory = found->type == DT_DIR;
	const uint32_t depth = found->depth;

	if (depth >= find_depth_least)
		expression_evaluate(expression, found);
	if (is_directory && depth < find_depth_most)
		visit_entries(depth + 1, length);
}

/* A starting point; its name, for -name, is without the slashes at its end. */
static void visit_start(const char *start)
{
	struct found found = { .path = path, .name = path };
	const char *slash;

	if (strlen(start) + 2 > sizeof path) {
		fprintf(stderr, "find: %s: path too long\n", start);
		status = 1;
		return;
	}
	strcpy(path, start);
	if (!found_status(&found))
		return;
	slash = strrchr(path, '/');
	if (slash && slash[1])
		found.name = slash + 1;
	found.type = IFTODT(found.status.st_mode);
	visit(&found, strlen(path));
}

/* Where the expression begins: at the first word that can only belong to one. */
static bool begins_expression(const char *word)
{
	return (word[0] == '-' && word[1]) || strcmp(word, "!") == 0 || strcmp(word, "(") == 0;
}

int main(int argc, char **argv)
{
	int first = 1;

	while (first < argc && !begins_expression(argv[first]))
		first++;
	expression = expression_parse(argv + first);
	if (first == 1)
		visit_start(".");
	for (int i = 1; i < first; i++)
		visit_start(argv[i]);
	if (fflush(stdout) != 0)
		find_failed("standard output");
	return status;
}
