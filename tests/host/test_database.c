/*
 * The database (uapps/db), in one process: indexes under random operations against a model,
 * undoing, the log, backups.
 */
#include "tests/host/database_fixture.h"
#include "tests/host/support.h"

#include <errno.h>

#define IDS 400

/* --- a model: what there should be --- */

static struct item model[IDS], before[IDS];
static bool there[IDS], there_before[IDS];

static struct item make_item(uint32_t id, uint32_t *random)
{
	struct item item = { .id = id,
			     .group = random_below(random, 9),
			     .shade = random_below(random, 200),
			     .value = random_below(random, 1000000) };

	/* Names collide now and then. */
	snprintf(item.name, sizeof item.name, "n%u", (unsigned)random_below(random, 4 * IDS));
	return item;
}

static bool name_is_taken(const struct item *item)
{
	for (uint32_t id = 0; id < IDS; id++)
		if (there[id] && id != item->id &&
		    strncmp(model[id].name, item->name, sizeof item->name) == 0)
			return true;
	return false;
}

/* One operation on both; false if the transaction cannot go on. */
static bool change(uint32_t *random)
{
	const uint32_t id = random_below(random, IDS), kind = random_below(random, 3);
	const struct item item = make_item(id, random);
	const bool taken = name_is_taken(&item);
	int error;

	if (kind == 0) {
		error = db_delete(db, ITEM, &id);
		ck_assert_int_eq(error, there[id] ? 0 : -ENOENT);
		there[id] = false;
		return true;
	}
	error = kind == 1 ? db_insert(db, ITEM, &item) : db_put(db, ITEM, &item);
	if (kind == 1 && there[id])
		ck_assert_int_eq(error, -EEXIST);
	else
		ck_assert_int_eq(error, taken ? -EEXIST : 0);
	if (error)
		return kind == 1 || !there[id];
	model[id] = item;
	there[id] = true;
	return true;
}

static void compare_names(void)
{
	for (uint32_t id = 0; id < IDS; id++) {
		struct item found;

		memset(&found, 0, sizeof found);
		ck_assert_int_eq(db_get(db, ITEM, &id, &found), there[id] ? 0 : -ENOENT);
		if (!there[id])
			continue;
		ck_assert_int_eq(memcmp(&found, &model[id], sizeof found), 0);
		memset(&found, 0, sizeof found);
		ck_assert_int_eq(db_find(db, ITEM, BY_NAME, &model[id], &found), 0);
		ck_assert_int_eq(found.id, id);
		ck_assert_int_eq(db_find(db, ITEM, BY_GROUP, &model[id], &found), 0);
		ck_assert_int_eq(found.id, id);
	}
}

static bool is_within(const struct item *item, unsigned group, unsigned from, unsigned to)
{
	return item->group == group && item->shade >= from && item->shade <= to;
}

static void compare_range(unsigned group, unsigned from, unsigned to)
{
	const struct item low = { .group = group, .shade = from };
	const struct item high = { .group = group, .shade = to, .id = UINT32_MAX };
	struct item found = { 0 }, last = { 0 };
	struct db_cursor cursor;
	int expected = 0, count = 0;

	for (uint32_t id = 0; id < IDS; id++)
		expected += there[id] && is_within(&model[id], group, from, to);
	ck_assert_int_eq(db_range(db, ITEM, BY_GROUP, &low, &high, &cursor), 0);
	while (db_next(db, &cursor, &found) == 1) {
		ck_assert(there[found.id] && is_within(&found, group, from, to));
		ck_assert_int_eq(memcmp(&found, &model[found.id], sizeof found), 0);
		if (count++)
			ck_assert(found.shade > last.shade ||
				  (found.shade == last.shade && found.id > last.id));
		last = found;
	}
	ck_assert_int_eq(count, expected);
}

static void compare(uint32_t *random)
{
	ck_assert_int_eq(db_begin(db), 0);
	compare_names();
	for (unsigned i = 0; i < 5; i++) {
		const unsigned from = random_below(random, 200);

		compare_range(random_below(random, 9), from, from + random_below(random, 55));
	}
	ck_assert_int_eq(db_commit(db), 0);
}

/* Transactions of some operations, of which some are aborted; now and then most goes. */
START_TEST(operations_against_a_model)
{
	uint32_t random = 2463534242u + 77 * _i;

	start();
	memset(there, 0, sizeof there);
	for (unsigned i = 0; i < 1500; i++) {
		bool good = true;

		memcpy(before, model, sizeof model);
		memcpy(there_before, there, sizeof there);
		ck_assert_int_eq(db_begin(db), 0);
		for (unsigned count = random_below(&random, 12); count > 0 && good; count--)
			good = change(&random);
		for (uint32_t id = 0; i % 300 == 299 && good && id < IDS / 2; id++)
			if (db_delete(db, ITEM, &id) == 0)
				there[id] = false;
		if (good && random_below(&random, 4)) {
			ck_assert_int_eq(db_commit(db), 0);
		} else {
			db_abort(db);
			memcpy(model, before, sizeof model);
			memcpy(there, there_before, sizeof there);
		}
		if (i % 100 == 0)
			compare(&random);
	}
	compare(&random);
	stop();
}
END_TEST

/* A tree that gets deep, and empty again, from either end. */
START_TEST(tree_grows_and_goes)
{
	const uint32_t count = 3000;
	struct db_counts counts;
	uint32_t free_bytes = 0;

	start();
	for (unsigned round = 0; round < 3; round++) {
		for (uint32_t id = 0; id < count; id++) {
			struct item item = { .id = id, .group = id / 100 };

			snprintf(item.name, sizeof item.name, "%u", (unsigned)id);
			db_begin(db);
			ck_assert_int_eq(db_insert(db, ITEM, &item), 0);
			ck_assert_int_eq(db_commit(db), 0);
		}
		ck_assert_int_eq(db_check(db, stderr), 0);
		for (uint32_t i = 0; i < count; i++) {
			const uint32_t id =
				round == 1 ? count - 1 - i : i * (round ? 7 : 1) % count;

			db_begin(db);
			ck_assert_int_eq(db_delete(db, ITEM, &id), 0);
			ck_assert_int_eq(db_commit(db), 0);
		}
		ck_assert_int_eq(db_count(db, &counts), 0);
		ck_assert_int_eq(counts.objects[ITEM], 0);
		ck_assert(round == 0 || counts.free_bytes == free_bytes);
		free_bytes = counts.free_bytes;
	}
	stop();
}
END_TEST

/* --- transactions --- */

START_TEST(misuse)
{
	struct account account = { 1, 5 };
	struct item item = { .id = 1 };
	struct db_type wrong = test_types[ACCOUNT];
	struct db_cursor cursor;

	start();
	ck_assert_int_eq(db_get(db, ACCOUNT, &account, &account), -EINVAL);
	ck_assert_int_eq(db_commit(db), -EINVAL);
	db_begin(db);
	ck_assert_int_eq(db_begin(db), -EINVAL);
	ck_assert_int_eq(db_insert(db, 2, &account), -EINVAL);
	ck_assert_int_eq(db_find(db, ITEM, 2, &item, &item), -EINVAL);
	ck_assert_int_eq(db_range(db, ITEM, BY_NAME, &item, &item, &cursor), -EINVAL);
	ck_assert_int_eq(db_call(db, ACCOUNT, &account, 0, NULL), -ENOENT);
	ck_assert_int_eq(db_insert(db, ACCOUNT, &account), 0);
	ck_assert_int_eq(db_call(db, ACCOUNT, &account, 1, NULL), -ENOSYS);
	ck_assert_int_eq(db_call(db, ACCOUNT, &account, 0, &(int){ 37 }), 0);
	ck_assert_int_eq(db_get(db, ACCOUNT, &account, &account), 0);
	ck_assert_int_eq(account.sum, 42);
	db_abort(db);
	wrong.size = 7;
	ck_assert(db_open("wrong", &wrong, 1, TEST_BYTES) == NULL && errno == EINVAL);
	db_remove("wrong");
	ck_assert(db_open(name, test_types, 1, TEST_BYTES) == NULL && errno == EINVAL);
	ck_assert(db_open("none", NULL, 0, 0) == NULL && errno == ENOENT);
	ck_assert(db_open("small", test_types, TEST_TYPES, 8192) == NULL);
	db_remove("small");
	ck_assert(db_open("a/b", test_types, TEST_TYPES, TEST_BYTES) == NULL && errno == EINVAL);
	stop();
}
END_TEST

START_TEST(memory_runs_out)
{
	uint32_t id = 0;
	int error = 0;

	start();
	while (!error) {
		struct item item = { .id = ++id };

		snprintf(item.name, sizeof item.name, "%u", (unsigned)id);
		db_begin(db);
		error = db_insert(db, ITEM, &item);
		if (!error)
			ck_assert_int_eq(db_commit(db), 0);
	}
	ck_assert_int_eq(error, -ENOMEM);
	ck_assert_int_eq(db_commit(db), -ENOMEM);
	ck_assert_int_eq(db_check(db, stderr), 0);
	db_begin(db);
	for (uint32_t i = 1; i <= 20; i++)
		ck_assert_int_eq(db_delete(db, ITEM, &i), 0);
	ck_assert_int_eq(db_commit(db), 0);
	db_begin(db);
	ck_assert_int_eq(db_insert(db, ITEM, &(struct item){ .id = 1, .name = "1" }), 0);
	ck_assert_int_eq(db_commit(db), 0);
	stop();
}
END_TEST

START_TEST(too_large)
{
	int error = 0;

	start();
	db_begin(db);
	for (uint32_t number = 0; !error && number < 1000; number++)
		error = db_insert(db, ACCOUNT, &(struct account){ number, 1 });
	ck_assert_int_eq(error, -E2BIG);
	ck_assert_int_eq(db_commit(db), -E2BIG);
	db_begin(db);
	ck_assert_int_eq(db_get(db, ACCOUNT, &(uint32_t){ 0 }, &(struct account){ 0 }), -ENOENT);
	db_commit(db);
	stop();
}
END_TEST

/* What two handles do at once, in each order that matters. */
START_TEST(conflicts)
{
	struct account a = { 1, 10 }, b = { 2, 20 }, seen;
	struct item item = { .id = 5, .group = 3, .name = "five" }, found;
	struct db_cursor cursor;
	struct db *other;

	start();
	other = db_open(name, test_types, TEST_TYPES, 0);
	db_begin(db);
	db_insert(db, ACCOUNT, &a);
	db_insert(db, ACCOUNT, &b);
	ck_assert_int_eq(db_commit(db), 0);

	/* Each reads what the other one writes: not both. */
	db_begin(db), db_begin(other);
	ck_assert_int_eq(db_get(db, ACCOUNT, &a.number, &seen), 0);
	ck_assert_int_eq(db_get(other, ACCOUNT, &b.number, &seen), 0);
	ck_assert_int_eq(db_update(db, ACCOUNT, &b), 0);
	ck_assert_int_eq(db_update(other, ACCOUNT, &a), 0);
	ck_assert_int_eq(db_commit(db), -EAGAIN);
	ck_assert_int_eq(db_commit(other), -EAGAIN);

	/* Something comes where it was looked for and not found, and into a range. */
	db_begin(db);
	ck_assert_int_eq(db_get(db, ITEM, &item.id, &found), -ENOENT);
	db_begin(other);
	ck_assert_int_eq(db_insert(other, ITEM, &item), 0);
	ck_assert_int_eq(db_commit(other), 0);
	ck_assert_int_eq(db_commit(db), -EAGAIN);
	db_begin(db);
	db_range(db, ITEM, BY_GROUP, &(struct item){ .group = 4 }, &(struct item){ .group = 9 },
		 &cursor);
	ck_assert_int_eq(db_next(db, &cursor, &found), 0);
	item = (struct item){ .id = 6, .group = 5, .name = "six" };
	db_begin(other);
	ck_assert_int_eq(db_insert(other, ITEM, &item), 0);
	ck_assert_int_eq(db_commit(other), 0);
	ck_assert_int_eq(db_commit(db), -EAGAIN);

	/* Who holds something does not wait for ever; who was waited for goes on. */
	db_begin(db), db_begin(other);
	ck_assert_int_eq(db_update(db, ACCOUNT, &a), 0);
	ck_assert_int_eq(db_update(other, ACCOUNT, &b), 0);
	ck_assert_int_eq(db_update(other, ACCOUNT, &a), -EAGAIN);
	ck_assert_int_eq(db_commit(other), -EAGAIN);
	ck_assert_int_eq(db_update(db, ACCOUNT, &b), 0);
	ck_assert_int_eq(db_commit(db), 0);
	db_close(other);
	stop();
}
END_TEST

/* --- the log, replication, backups --- */

static int copy_object(void *context, const struct db_record *record)
{
	return db_apply(context, record);
}

static char *dump_of(struct db *which)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	ck_assert_int_eq(db_dump(which, stream), 0);
	fclose(stream);
	return text;
}

static int by_text(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

/* The same objects, in whatever order. */
static void ck_same(struct db *one, struct db *other)
{
	char *texts[2] = { dump_of(one), dump_of(other) }, *lines[2][IDS + 100];
	size_t counts[2] = { 0 };

	for (unsigned i = 0; i < 2; i++) {
		for (char *line = strtok(texts[i], "\n"); line; line = strtok(NULL, "\n"))
			lines[i][counts[i]++] = line;
		qsort(lines[i], counts[i], sizeof lines[i][0], by_text);
	}
	ck_assert_int_eq(counts[0], counts[1]);
	for (size_t i = 0; i < counts[0]; i++)
		ck_assert_str_eq(lines[0][i], lines[1][i]);
	free(texts[0]), free(texts[1]);
}

static struct db *open_copy(char copy[40])
{
	snprintf(copy, 40, "%s-copy", name);
	db_remove(copy);
	return db_open(copy, test_types, TEST_TYPES, TEST_BYTES);
}

/* A copy that is filled while changes go on, and follows the log, is the same in the end. */
START_TEST(copy_follows_the_log)
{
	static char room[100000];
	struct db_record *record = (struct db_record *)room;
	uint32_t random = 99, position;
	uint64_t last = 0;
	struct db *copy;
	char copy_name[40];
	int size;

	start();
	memset(there, 0, sizeof there);
	copy = open_copy(copy_name);
	for (unsigned i = 0; i < 300; i++) {
		db_begin(db);
		db_put(db, ACCOUNT, &(struct account){ i % 50, i });
		db_commit(db);
	}
	position = db_log_end(db);
	for (uint32_t i = 0; i < DB_PARTITIONS; i++) {
		ck_assert_int_eq(db_scan(db, i, copy_object, copy), 0);
		db_begin(db);
		db_put(db, ACCOUNT, &(struct account){ i % 60, random_below(&random, 1000) });
		db_delete(db, ACCOUNT, &(uint32_t){ random_below(&random, 60) });
		db_put(db, ITEM,
		       &(struct item){ .id = i % 50, .name = { 'a' + i % 50 }, .value = i });
		ck_assert_int_eq(db_commit(db), 0);
	}
	while ((size = db_log_read(db, &position, record, sizeof room)) > 0) {
		ck_assert_int_eq(size, record->size);
		ck_assert(db_sequence(record) > last);
		last = db_sequence(record);
		ck_assert_int_eq(db_apply(copy, record), 0);
		/* Once more changes nothing. */
		ck_assert_int_eq(db_apply(copy, record), 0);
	}
	ck_assert_int_eq(size, 0);
	ck_assert(last == db_last_sequence(db));
	ck_same(db, copy);
	ck_assert_int_eq(db_check(copy, stderr), 0);
	record->size = 12;
	ck_assert_int_eq(db_apply(copy, record), -EINVAL);
	db_close(copy);
	db_remove(copy_name);
	stop();
}
END_TEST

START_TEST(log_is_overwritten)
{
	char room[1000];
	uint32_t position;

	start();
	position = db_log_end(db);
	for (uint32_t i = 0; i < 20000; i++) {
		db_begin(db);
		db_put(db, ACCOUNT, &(struct account){ i % 50, i });
		ck_assert_int_eq(db_commit(db), 0);
	}
	ck_assert_int_eq(db_log_read(db, &position, (struct db_record *)room, sizeof room),
			 -EOVERFLOW);
	stop();
}
END_TEST

START_TEST(backup)
{
	char copy_name[40], path[64];
	struct db *copy;
	FILE *file;

	start();
	memset(there, 0, sizeof there);
	for (uint32_t id = 0; id < IDS; id++) {
		struct item item = { .id = id };

		snprintf(item.name, sizeof item.name, "\"%u", (unsigned)id);
		db_begin(db);
		db_put(db, ITEM, &item);
		db_commit(db);
	}
	snprintf(path, sizeof path, "/tmp/%s.backup", name);
	ck_assert_int_eq(db_save(db, path), 0);
	copy = open_copy(copy_name);
	ck_assert_int_eq(db_restore(copy, path), 0);
	ck_same(db, copy);
	db_close(copy);
	db_remove(copy_name);
	/* A byte that is another one. */
	file = fopen(path, "r+b");
	fseek(file, 5000, SEEK_SET);
	fputc(fgetc(file) ^ 1, file);
	fclose(file);
	copy = open_copy(copy_name);
	ck_assert_int_eq(db_restore(copy, path), -EINVAL);
	ck_assert_int_eq(truncate(path, 3000), 0);
	ck_assert_int_eq(db_restore(copy, path), -EINVAL);
	db_begin(copy);
	ck_assert_int_eq(db_get(copy, ITEM, &(uint32_t){ 1 }, &(struct item){ 0 }), -ENOENT);
	db_commit(copy);
	db_close(copy);
	db_remove(copy_name);
	unlink(path);
	stop();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("database");
	TCase *test = tcase_create("database");

	tcase_set_timeout(test, 120);
	tcase_add_loop_test(test, operations_against_a_model, 0, 3);
	tcase_add_test(test, tree_grows_and_goes);
	tcase_add_test(test, misuse);
	tcase_add_test(test, memory_runs_out);
	tcase_add_test(test, too_large);
	tcase_add_test(test, conflicts);
	tcase_add_test(test, copy_follows_the_log);
	tcase_add_test(test, log_is_overwritten);
	tcase_add_test(test, backup);
	suite_add_tcase(suite, test);
	return suite;
}
