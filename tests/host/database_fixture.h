/*
 * A database that each test begins with, and that is as it should be in the end.
 */
#ifndef TESTS_HOST_DATABASE_FIXTURE_H
#define TESTS_HOST_DATABASE_FIXTURE_H

#include "tests/host/database.h"
#include "tests/host/support.h"

static struct db *db;
static char name[32];

static void start(void)
{
	db = test_open(name);
	ck_assert_ptr_nonnull(db);
}

static void stop(void)
{
	ck_assert_int_eq(db_check(db, stderr), 0);
	db_close(db);
	db_remove(name);
}

#endif
