/*
 * bank: accounts in the replicated database. It runs on each node, and serves where the database's
 * leader is. BANK_PAY moves money and counts; BANK_READ tells the count; BANK_SUM all money there
 * is.
 *
 * It takes all calls that wait, does them, waits once until the last is on enough nodes, and then
 * answers all.
 *
 * bank OBJECTS: has so many accounts made before it does the first call, so that the database is of
 * some size. Nobody calls those beyond BANK_ACCOUNTS.
 */
#include "bank.h"

#include <castle/cluster.h>
#include <castle/db.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

#define CALLS_AT_ONCE 16
#define DATABASE_SIZE (4 << 20)
#define MADE_AT_ONCE  200 /* a transaction has 256 latches */

struct account {
	uint32_t number;
	int32_t money;
	uint32_t counter;
};

static const struct db_field fields[] = { DB_FIELD(account, number, DB_U32),
					  DB_FIELD(account, money, DB_U32),
					  DB_FIELD(account, counter, DB_U32) };
static const struct db_type types[] = { DB_TYPE(account, fields, .key_size = 4) };

static struct call {
	struct castle_address from;
	uint32_t kind;
	struct bank_message message;
} calls[CALLS_AT_ONCE];
static unsigned count;
static uint32_t objects; /* accounts that there are to be */
static struct db *db;

/* An account that was never used has its first money. */
static int get(uint32_t number, struct account *account)
{
	const int error = db_get(db, 0, &number, account);

	if (error != -2)
		return error;
	*account = (struct account){ .number = number, .money = BANK_MONEY };
	return 0;
}

static int pay(struct db *unused, void *argument)
{
	struct bank_message *message = argument;
	struct account from, to;
	int error = get(message->from, &from);

	(void)unused;
	if (!error)
		error = get(message->to, &to);
	if (error)
		return error;
	from.money -= message->sum;
	to.money += message->sum;
	message->counter = ++from.counter;
	error = db_put(db, 0, &from);
	return error ? error : db_put(db, 0, &to);
}

static int read_one(struct db *unused, void *argument)
{
	struct bank_message *message = argument;
	struct account account;
	const int error = get(message->from, &account);

	(void)unused;
	message->counter = account.counter;
	return error;
}

static int add_up(struct db *unused, void *argument)
{
	struct bank_message *message = argument;
	struct account account;

	(void)unused;
	message->sum = 0;
	for (uint32_t i = 0; i < BANK_ACCOUNTS; i++) {
		const int error = get(i, &account);
		if (error)
			return error;
		message->sum += account.money;
	}
	return 0;
}

static int make_some(struct db *unused, void *argument)
{
	const uint32_t first = *(const uint32_t *)argument;
	int error = 0;

	(void)unused;
	for (uint32_t i = first; i < first + MADE_AT_ONCE && i < objects && !error; i++) {
		const struct account account = { .number = i, .money = BANK_MONEY };
		error = db_put(db, 0, &account);
	}
	return error;
}

/* Whether the last account is there: another leader may have made all. */
static int look_for_last(struct db *unused, void *argument)
{
	const uint32_t number = objects - 1;
	struct account last;

	(void)unused;
	*(bool *)argument = db_get(db, 0, &number, &last) == 0;
	return 0;
}

/* All but the first, since what has been paid is in those. False: this node leads no more. */
static bool make_all(const struct castle_replica *begun)
{
	bool is_there = objects <= BANK_ACCOUNTS;

	if (!is_there)
		db_run(db, look_for_last, &is_there);
	for (uint32_t first = BANK_ACCOUNTS; !is_there && first < objects; first += MADE_AT_ONCE) {
		const int error = db_run(db, make_some, &first);
		if (error < 0)
			errx(1, "account %u: %s", (unsigned)first, strerror(-error));
		if (castle_replica_wait(begun, db_last_sequence(db), 0) != 0)
			return false;
	}
	return true;
}

static void answer(struct call *call, uint32_t state)
{
	struct castle_message message = { .kind = BANK_ANSWER, .size = sizeof call->message };

	call->message.state = state;
	memcpy(message.data, &call->message, sizeof call->message);
	castle_cluster_send(call->from, &message);
}

static bool do_call(struct call *call)
{
	struct bank_message *message = &call->message;
	const bool good = message->from < BANK_ACCOUNTS && message->to < BANK_ACCOUNTS &&
			  message->from != message->to;

	if (!good)
		return false;
	return db_run(db,
		      call->kind == BANK_PAY    ? pay
		      : call->kind == BANK_READ ? read_one
						: add_up,
		      message) >= 0;
}

static void do_all(void)
{
	struct castle_replica begun;
	const uint64_t since = castle_replica_now();
	const bool leads = castle_replica(&begun) == 0 && begun.role == CASTLE_REPLICA_LEADS;
	uint32_t state = BANK_NOT_HERE;

	if (leads && make_all(&begun)) {
		for (unsigned i = 0; i < count; i++)
			if (!do_call(&calls[i]))
				calls[i].kind = 0;
		state = castle_replica_wait(&begun, db_last_sequence(db), since) == 0
				? BANK_DONE
				: BANK_UNKNOWN;
	}
	for (unsigned i = 0; i < count; i++)
		answer(&calls[i], calls[i].kind ? state : BANK_NOT_HERE);
	count = 0;
}

static void add(const struct castle_message *message)
{
	struct call *call = &calls[count];

	if (message->kind < BANK_PAY || message->kind > BANK_SUM)
		return;
	call->from = castle_cluster_origin(message);
	call->kind = message->kind;
	memcpy(&call->message, message->data, sizeof call->message);
	count++;
}

int main(int argc, char **argv)
{
	struct castle_message message;

	objects = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	db = db_open(BANK_DATABASE, types, 1, DATABASE_SIZE);
	if (!db)
		err(1, "database");
	while (castle_receive(&message, 0) == 0) {
		add(&message);
		while (count < CALLS_AT_ONCE && castle_receive(&message, CASTLE_NOWAIT) == 0)
			add(&message);
		do_all();
	}
	return 1;
}
