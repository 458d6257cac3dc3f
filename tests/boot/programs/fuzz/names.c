/*
 * The files and folders that a round leaves: any memory may be taken for a path, so they can have
 * any name, wherever a stream's folder is.
 */
#include "fuzz.h"

#include <castle/apkern.h>
#include <castle/castle.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KNOWN_MAX 512
#define PLACES    5

static const char *const places[PLACES] = { "/", "/tmp", "/bin", "/dev", "/share" };
static struct {
	const char *place;
	uint32_t hash;
} known[KNOWN_MAX];
static uint32_t known_count;

static uint32_t hash_of(const char *name)
{
	uint32_t hash = 0;

	while (*name)
		hash = stream_within(hash, (uint8_t)*name++);
	return hash;
}

static bool is_known(const char *place, const char *name)
{
	const uint32_t hash = hash_of(name);

	for (uint32_t i = 0; i < known_count; i++)
		if (known[i].place == place && known[i].hash == hash)
			return true;
	return false;
}

void names_remember(void)
{
	struct dirent *entry;

	for (uint32_t i = 0; i < PLACES; i++) {
		DIR *const directory = opendir(places[i]);

		while (directory && (entry = readdir(directory)) && known_count < KNOWN_MAX) {
			known[known_count].place = places[i];
			known[known_count++].hash = hash_of(entry->d_name);
		}
		if (directory)
			closedir(directory);
	}
}

/* The path of something in a folder that has no business there; false if there is nothing. */
static bool find_new(const char *folder, char *path, size_t size)
{
	DIR *const directory = opendir(folder);
	struct dirent *entry;
	bool found = false;

	while (directory && !found && (entry = readdir(directory)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    !is_known(folder, entry->d_name)) {
			snprintf(path, size, "%s/%s", folder, entry->d_name);
			found = true;
		}
	if (directory)
		closedir(directory);
	return found;
}

/* False if something could not be removed. */
static bool remove_new(const char *folder)
{
	char path[2 * CASTLE_NAME_MAX];

	while (find_new(folder, path, sizeof path)) {
		if (unlink(path) == 0 || rmdir(path) == 0)
			continue;
		/* Paths have a limit, trees have none: what lies deep is looked at from nearby. */
		if (chdir(path) != 0 || !remove_new(".") || chdir("..") != 0 || rmdir(path) != 0)
			return false;
	}
	return true;
}

/* What is named where there is none, or no more, may become a file. */
static void remove_file(const char *path)
{
	struct stat status;

	if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
		unlink(path);
}

void names_remove(void)
{
	for (uint32_t i = 0; i < PLACES; i++)
		if (!remove_new(places[i]))
			printf("# a name is left in %s\n", places[i]);
	chdir("/");
	remove_file("/share/hello.txt");
	/* Once it was empty it may have become a file. */
	remove_file("/tmp");
	mkdir("/tmp", 0777);
}
