/*
 * The database (uapps/db), instruction by instruction, by the processor's trap flag: a process that
 * is killed at any one of a transaction, and a transaction that comes in between any two of another
 * one. Without sanitizers, which would make some ten instructions of each.
 */
#include "tests/host/database_fixture.h"
#include "tests/host/support.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>

#define TRAP_FLAG 0x100

static volatile long steps, last_step;

static void step(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	if (++steps == last_step)
		raise(SIGKILL);
	((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

/* Inserts, deletes, moves in indexes, transfers: of each something. */
static int everything(struct db *handle, void *argument)
{
	struct item item = { .id = 1001, .group = 2, .shade = 7, .name = "new" };
	int error = db_insert(handle, ITEM, &item);

	(void)argument;
	if (!error)
		error = db_delete(handle, ITEM, &(uint32_t){ 40 });
	item = (struct item){ .id = 41, .group = 8, .name = "moved" };
	if (!error)
		error = db_update(handle, ITEM, &item);
	if (!error)
		error = db_call(handle, ACCOUNT, &(uint32_t){ 1 }, 0, &(int){ -7 });
	if (!error)
		error = db_call(handle, ACCOUNT, &(uint32_t){ 2 }, 0, &(int){ 7 });
	return error;
}

static void fill(void)
{
	db_begin(db);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_int_eq(db_insert(db, ACCOUNT, &(struct account){ i, 100 }), 0);
	db_commit(db);
	for (uint32_t id = 0; id < 60; id++) {
		struct item item = { .id = id, .group = id / 20 };

		snprintf(item.name, sizeof item.name, "%u", (unsigned)id);
		db_begin(db);
		ck_assert_int_eq(db_insert(db, ITEM, &item), 0);
		ck_assert_int_eq(db_commit(db), 0);
	}
}

/* In a child, which opens the database first. Its steps, if it was not killed at `at`. */
static long die_at(long at)
{
	long *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const pid_t child = fork();
	long count;
	int status;

	if (child == 0) {
		const struct sigaction action = { .sa_sigaction = step, .sa_flags = SA_SIGINFO };
		struct db *handle = db_open(name, test_types, TEST_TYPES, 0);

		sigaction(SIGTRAP, &action, NULL);
		last_step = at;
		raise(SIGTRAP);
		db_run(handle, everything, NULL);
		*shared = steps;
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(WTERMSIG(status), SIGKILL);
	count = *shared;
	munmap(shared, 4096);
	return count;
}

/* Everything or nothing is there, in the log too; nothing is held, and nothing lost. */
static bool check_after_death(uint32_t position)
{
	char room[2000];
	struct account one, other;
	struct item item;
	bool happened;
	struct db *handles[3];

	/* Whoever comes next takes the dead process's slot, or meets its latches. */
	for (unsigned i = 0; i < 3; i++)
		handles[i] = db_open(name, test_types, TEST_TYPES, 0);
	for (unsigned i = 0; i < 3; i++)
		db_close(handles[i]);
	ck_assert_int_eq(db_begin(db), 0);
	happened = db_get(db, ITEM, &(uint32_t){ 1001 }, &item) == 0;
	ck_assert_int_eq(db_get(db, ITEM, &(uint32_t){ 40 }, &item), happened ? -ENOENT : 0);
	ck_assert_int_eq(db_get(db, ITEM, &(uint32_t){ 41 }, &item), 0);
	ck_assert_str_eq(item.name, happened ? "moved" : "41");
	ck_assert_int_eq(db_get(db, ACCOUNT, &(uint32_t){ 1 }, &one), 0);
	ck_assert_int_eq(db_get(db, ACCOUNT, &(uint32_t){ 2 }, &other), 0);
	ck_assert_int_eq(one.sum, happened ? 93 : 100);
	ck_assert_int_eq(other.sum, happened ? 107 : 100);
	ck_assert_int_eq(db_commit(db), 0);
	ck_assert_int_eq(db_check(db, stderr), 0);
	ck_assert_int_eq(db_log_read(db, &position, (struct db_record *)room, sizeof room) > 0,
			 happened);
	return happened;
}

/* At which of all steps a try ends: every other one in the last twentieth, where it commits. */
static long death(long try, long tries, long all)
{
	return try % 2 ? all - 1 - try / 2 * (all / 20) / (tries / 2) : 1 + try * all / tries + try;
}

START_TEST(dies_at_any_instruction)
{
	const char *wanted = getenv("DATABASE_DEATHS");
	const long tries = wanted ? atol(wanted) : 24;
	unsigned happened = 0, others = 0;
	uint32_t position;
	long all;

	start();
	fill();
	position = db_log_end(db);
	all = die_at(0);
	ck_assert(check_after_death(position));
	stop();
	for (long i = 0; i < tries; i++) {
		start();
		fill();
		position = db_log_end(db);
		die_at(death(i, tries, all));
		if (check_after_death(position))
			happened++;
		else
			others++;
		stop();
	}
	ck_assert(happened > 0 && others > 0);
}
END_TEST

/* --- another transaction comes in between --- */

static struct db *writer;
static long write_at, end_at;
static bool commits;

/* Comes in between: at one step a transaction writes, at a later one it ends. */
static void step_between(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	steps++;
	if (steps == write_at) {
		db_begin(writer);
		db_call(writer, ACCOUNT, &(uint32_t){ 1 }, 0, &(int){ -7 });
		db_call(writer, ACCOUNT, &(uint32_t){ 2 }, 0, &(int){ 7 });
	}
	if (steps == end_at && commits)
		db_commit(writer);
	else if (steps == end_at)
		db_abort(writer);
	((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

static void stop_stepping(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
}

static void on_trap(void (*handler)(int, siginfo_t *, void *))
{
	const struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	sigaction(SIGTRAP, &action, NULL);
}

/* Reads both accounts, with the writer at these steps. What commits has seen all the money. */
static int read_between(long at, long end)
{
	struct account one = { 0 }, other = { 0 };
	int result;

	steps = 0;
	write_at = at;
	end_at = end;
	on_trap(step_between);
	raise(SIGTRAP);
	db_begin(db);
	result = db_get(db, ACCOUNT, &(uint32_t){ 1 }, &one);
	if (!result)
		result = db_get(db, ACCOUNT, &(uint32_t){ 2 }, &other);
	result = result ? result : db_commit(db);
	on_trap(stop_stepping);
	raise(SIGTRAP);
	db_abort(db);
	if (result == 0)
		ck_assert_int_eq(one.sum + other.sum, 200);
	else
		ck_assert_int_eq(result, -EAGAIN);
	return result;
}

START_TEST(another_in_between)
{
	long all;
	unsigned refused = 0;

	start();
	fill();
	writer = db_open(name, test_types, TEST_TYPES, 0);
	ck_assert_int_eq(read_between(0, 0), 0);
	all = steps;
	for (long at = 1; at < all; at += 5) {
		const long end = at + 1 + at % 31;

		commits = at / 5 % 2;
		refused += read_between(at, end) != 0;
		/* The reader may be done before. */
		if (steps < end)
			db_abort(writer);
	}
	ck_assert(refused > 0);
	db_close(writer);
	stop();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("database-steps");
	TCase *test = tcase_create("database-steps");

	tcase_set_timeout(test, 300);
	tcase_add_test(test, dies_at_any_instruction);
	tcase_add_test(test, another_in_between);
	suite_add_tcase(suite, test);
	return suite;
}
