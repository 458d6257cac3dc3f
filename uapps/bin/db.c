/*
 * db: looks at a database in memory, NAME: prints its objects as text, one a line (dump), says
 * whether everything hangs together (check) or how many objects each type has (count, or no word),
 * writes a backup to a file, and reads one, of the same types. The types are those that the
 * database itself knows (docs/database.md).
 */
#include <castle/db.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __attribute__((noreturn)) void usage(void)
{
	fputs("usage: db NAME [dump | check | count | save FILE | restore FILE]\n", stderr);
	exit(2);
}

static int dump(struct db *db, const char *path)
{
	(void)path;
	return db_dump(db, stdout);
}

static int check(struct db *db, const char *path)
{
	const int faults = db_check(db, stderr);

	(void)path;
	if (faults)
		exit(1);
	puts("nothing wrong");
	return 0;
}

static int count(struct db *db, const char *path)
{
	struct db_counts counts;
	const int error = db_count(db, &counts);

	(void)path;
	for (uint32_t type = 0; !error && db_type_name(db, type); type++)
		printf("%10lu %s\n", (unsigned long)counts.objects[type], db_type_name(db, type));
	if (!error)
		printf("%10lu bytes never used\n", (unsigned long)counts.free_bytes);
	return error;
}

static const struct {
	const char *name;
	int words;
	int (*perform)(struct db *db, const char *path);
} actions[] = {
	{ "count", 3, count },  { "dump", 3, dump },          { "check", 3, check },
	{ "save", 4, db_save }, { "restore", 4, db_restore },
};

int main(int argc, char **argv)
{
	const char *word = argc > 2 ? argv[2] : "count";
	unsigned action = 0;
	struct db *db;
	int error;

	while (action < sizeof actions / sizeof *actions && strcmp(word, actions[action].name))
		action++;
	if (action == sizeof actions / sizeof *actions ||
	    argc != (argc == 2 ? 2 : actions[action].words))
		usage();
	db = db_open(argv[1], NULL, 0, 0);
	if (!db) {
		fprintf(stderr, "db: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	error = actions[action].perform(db, argc > 3 ? argv[3] : NULL);
	if (error)
		fprintf(stderr, "db: %s: %s\n", argc > 3 ? argv[3] : argv[1], strerror(-error));
	db_close(db);
	return error != 0;
}
