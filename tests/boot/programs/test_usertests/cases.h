/*
 * The cases: each is a function that runs in a process of its own, in an empty directory of its
 * own, and ends by returning. What it finds wrong ends it.
 */
#ifndef TESTS_BOOT_USERTESTS_CASES_H
#define TESTS_BOOT_USERTESTS_CASES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct user_case {
	const char *name;
	void (*run)(void);
};

/* Tables, each with a null at its end. */
extern const struct user_case file_cases[], name_cases[], process_cases[], memory_cases[];

/* Ends the case's process, and says where, unless `good`. */
#define want(good) case_want((good), #good, __FILE__, __LINE__)
void case_want(bool good, const char *what, const char *file, int line);

/* The same for a call that must have returned -1 with `error`. */
#define want_errno(result, error) want((result) == -1 && errno == (error))

/* Makes a file of `size` bytes of `letter`. */
void case_make_file(const char *name, char letter, size_t size);

/* The size of a file of `letter` alone; -1 if there is none, -2 if there is something else in it.
 */
long case_file_is(const char *name, char letter);

/* Forks a process that ends after `child(number)`. Its exit status is 0. */
pid_t case_fork(void (*child)(int), int number);

/* Awaits so many children, all of which must end with status 0. */
void case_await(int count);

#endif
