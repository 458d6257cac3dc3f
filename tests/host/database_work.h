/*
 * Work for several processes, or threads, at once, on the host and inside Castle: transfers, which
 * conserve the bank's money, while it is added up; items that come, go and move in their indexes.
 */
#ifndef TESTS_HOST_DATABASE_WORK_H
#define TESTS_HOST_DATABASE_WORK_H

#include "database.h"

#include <errno.h>

#define ACCOUNTS 16
#ifndef TRANSFERS
#define TRANSFERS 1500 /* of each of them */
#endif

static char name[32];

struct transfer {
	uint32_t from, to;
	int sum;
};

static int transfer(struct db *db, void *argument)
{
	struct transfer *transfer = argument;
	int error = db_call(db, ACCOUNT, &transfer->from, 0, &(int){ -transfer->sum });

	return error ? error : db_call(db, ACCOUNT, &transfer->to, 0, &transfer->sum);
}

static int add_up(struct db *db, void *argument)
{
	struct account account;
	int *sum = argument, error = 0;

	*sum = 0;
	for (uint32_t i = 0; i < ACCOUNTS && !error; i++) {
		error = db_get(db, ACCOUNT, &i, &account);
		*sum += account.sum;
	}
	return error;
}

/* Puts an item anywhere, or takes it away. */
static int shuffle(struct db *db, void *argument)
{
	uint32_t *random = argument, id = random_below(random, 40);
	struct item item = { .id = id,
			     .group = random_below(random, 3),
			     .shade = random_below(random, 20) };
	int error;

	snprintf(item.name, sizeof item.name, "%u", (unsigned)(id + 40 * random_below(random, 5)));
	error = random_below(random, 3) ? db_put(db, ITEM, &item) : db_delete(db, ITEM, &id);
	return error == -ENOENT ? 0 : error;
}

/* The items of all groups, by the ordered index: each is what the index says. */
static int walk(struct db *db, void *argument)
{
	const struct item from = { 0 }, to = { .group = UINT16_MAX };
	struct item item, last = { 0 };
	struct db_cursor cursor;
	bool *sorted = argument;
	int result = db_range(db, ITEM, BY_GROUP, &from, &to, &cursor);

	*sorted = true;
	while (!result && (result = db_next(db, &cursor, &item)) == 1) {
		*sorted &= item.group > last.group ||
			   (item.group == last.group && item.shade >= last.shade);
		last = item;
		result = 0;
	}
	return result;
}

static int work_once(struct db *db, uint32_t *random)
{
	struct transfer one = { random_below(random, ACCOUNTS), random_below(random, ACCOUNTS),
				random_below(random, 100) };
	bool sorted = true;
	int sum;

	if (db_run(db, transfer, &one) != 0 || db_run(db, shuffle, random) != 0)
		return 1;
	if (random_below(random, 8))
		return 0;
	if (db_run(db, add_up, &sum) != 0 || sum != 100 * ACCOUNTS)
		return 2;
	return db_run(db, walk, &sorted) != 0 || !sorted ? 3 : 0;
}

/* Its result is not 0 if something was wrong. */
static void *work(void *argument)
{
	struct db *db = db_open(name, test_types, TEST_TYPES, 0);
	uint32_t random = 12345 + 999 * (uintptr_t)argument;
	intptr_t fault = 0;

	for (unsigned i = 0; i < TRANSFERS && !fault; i++)
		fault = work_once(db, &random);
	db_close(db);
	return (void *)fault;
}

static struct db *make_bank(void)
{
	struct db *db = test_open(name);

	for (uint32_t i = 0; i < ACCOUNTS; i++) {
		db_begin(db);
		db_insert(db, ACCOUNT, &(struct account){ i, 100 });
		db_commit(db);
	}
	return db;
}

#endif
