/*
 * The database between processes: they work on one at once, and are killed wherever they are; it is
 * the same for those that come later, whole, and its money is all there.
 */
#define TRANSFERS 200

#include "../../host/database_work.h"
#include "common/tap.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define PROCESSES 4
#define KILLS     24

/* Works once, or until it is killed. */
static pid_t start_worker(unsigned number, bool endless)
{
	const pid_t child = fork();
	void *fault;

	if (child)
		return child;
	do
		fault = work((void *)(uintptr_t)number);
	while (endless && !fault);
	_exit((intptr_t)fault);
}

static void test_bank(struct db *db, const char *after)
{
	int sum = 0;

	ok_is(db_run(db, add_up, &sum), 0, "the accounts are added up");
	ok_is(sum, 100 * ACCOUNTS, after);
	ok_is(db_check(db, stdout), 0, "and everything hangs together");
}

static void test_at_once(struct db *db)
{
	pid_t children[PROCESSES];
	int status, faults = 0;

	for (unsigned i = 0; i < PROCESSES; i++)
		children[i] = start_worker(i, false);
	for (unsigned i = 0; i < PROCESSES; i++) {
		waitpid(children[i], &status, 0);
		faults += status != 0;
	}
	ok_is(faults, 0, "four processes at once see it whole all the time");
	test_bank(db, "money is conserved by processes at once");
}

/* One after the other is killed, and another one takes its place. */
static void test_kills(struct db *db)
{
	pid_t children[PROCESSES];
	int status, killed = 0;

	for (unsigned i = 0; i < PROCESSES; i++)
		children[i] = start_worker(i, true);
	for (unsigned i = 0; i < KILLS; i++) {
		pid_t *const child = &children[i % PROCESSES];

		nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
		kill(*child, SIGKILL);
		waitpid(*child, &status, 0);
		killed += WIFSIGNALED(status);
		if (i + PROCESSES < KILLS)
			*child = start_worker(i, true);
	}
	ok_is(killed, KILLS, "processes are killed, and none has seen a fault before");
	test_bank(db, "money is conserved by processes that die");
}

/* Dies with its transaction open, and latches held. */
static void die_within(void)
{
	struct db *db = db_open(name, NULL, 0, 0);
	struct account account = { 0, 1000000 };

	db_begin(db);
	db_update(db, ACCOUNT, &account);
	db_insert(db, ACCOUNT, &(struct account){ 77, 1 });
	raise(SIGKILL);
}

static void test_waiting_for_the_dead(struct db *db)
{
	struct account account = { 0 };
	int sum = 100;

	db_begin(db);
	db_get(db, ACCOUNT, &account.number, &account);
	db_commit(db);
	sum = account.sum;
	ok_is(WTERMSIG(in_child(die_within)), SIGKILL, "one dies within a transaction");
	ok_is(db_begin(db), 0, "a transaction");
	ok_is(db_get(db, ACCOUNT, &(uint32_t){ 0 }, &account), 0, "reads what the dead one held");
	ok_is(account.sum, sum, "which is as it was before");
	ok_is(db_get(db, ACCOUNT, &(uint32_t){ 77 }, &account), -ENOENT, "what was new is gone");
	ok_is(db_commit(db), 0, "and commits");
}

static void test_backup(struct db *db)
{
	struct db *copy;
	struct db_counts counts, copied;
	int sum = 0;

	ok_is(db_save(db, "/backup"), 0, "a backup");
	db_remove("copy");
	copy = db_open("copy", test_types, TEST_TYPES, TEST_BYTES);
	ok(copy && db_restore(copy, "/backup") == 0, "is restored into another database");
	ok(db_count(db, &counts) == 0 && db_count(copy, &copied) == 0 &&
		   counts.objects[ITEM] == copied.objects[ITEM] &&
		   copied.objects[ACCOUNT] == ACCOUNTS,
	   "with as many objects");
	ok(db_run(copy, add_up, &sum) == 0 && sum == 100 * ACCOUNTS, "and as much money");
	ok_is(db_check(copy, stdout), 0, "all of it");
	db_close(copy);
	ok_is(system("db copy check >/dev/null"), 0, "a program that does not know the types");
	ok_is(system("db copy dump | grep -c '^account number=[0-9]* sum=[0-9]*$' >/lines"), 0,
	      "prints objects");
	ok_is(system("test $(cat /lines) = 16"), 0, "all of them");
	db_remove("copy");
	unlink("/lines");
	unlink("/backup");
}

static void use_one(void)
{
	struct db *db = make_bank();

	work((void *)1);
	db_close(db);
	db_remove(name);
}

static void use_in_child(void)
{
	in_child(use_one);
}

int main(void)
{
	struct db *db = make_bank();

	ok(db != NULL, "a database");
	test_at_once(db);
	test_kills(db);
	test_waiting_for_the_dead(db);
	test_backup(db);
	db_close(db);
	db_remove(name);
	ok_leaves_memory(use_in_child, "all of its memory comes back");
	return done_testing();
}
