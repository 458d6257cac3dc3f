/*
 * The database (uapps/db): threads and processes at once, under ThreadSanitizer. Transfers conserve
 * the bank's money, which readers add up meanwhile; items come, go and move through their indexes.
 */
#include "tests/host/database_work.h"
#include "tests/host/support.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define THREADS 4
#define KILLS   60

static void end_bank(struct db *db)
{
	int sum;

	ck_assert_int_eq(db_run(db, add_up, &sum), 0);
	ck_assert_int_eq(sum, 100 * ACCOUNTS);
	ck_assert_int_eq(db_check(db, stderr), 0);
	db_close(db);
	db_remove(name);
}

START_TEST(threads)
{
	struct db *db = make_bank();
	pthread_t threads[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work, (void *)i);
	for (unsigned i = 0; i < THREADS; i++) {
		void *fault;

		pthread_join(threads[i], &fault);
		ck_assert_int_eq((intptr_t)fault, 0);
	}
	end_bank(db);
}
END_TEST

/* Works until it is killed, or finds a fault. */
static pid_t start_process(unsigned number)
{
	const pid_t child = fork();
	void *fault = NULL;

	if (child)
		return child;
	while (!fault)
		fault = work((void *)(uintptr_t)number);
	_exit((intptr_t)fault);
}

/* Of the processes one after the other is killed, wherever it is, and another one started. */
START_TEST(processes_are_killed)
{
	struct db *db = make_bank();
	pid_t children[THREADS];
	int status;

	for (unsigned i = 0; i < THREADS; i++)
		children[i] = start_process(i);
	for (unsigned i = 0; i < KILLS; i++) {
		nanosleep(&(struct timespec){ 0, 4000000 }, NULL);
		kill(children[i % THREADS], SIGKILL);
		waitpid(children[i % THREADS], &status, 0);
		ck_assert(WIFSIGNALED(status));
		if (i + THREADS < KILLS)
			children[i % THREADS] = start_process(i);
	}
	end_bank(db);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("database-threads");
	TCase *test = tcase_create("database-threads");

	tcase_set_timeout(test, 300);
	tcase_add_test(test, threads);
	tcase_add_test(test, processes_are_killed);
	suite_add_tcase(suite, test);
	return suite;
}
