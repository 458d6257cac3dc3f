/*
 * TATP's population and transactions (Sections 2 and 3 of its description). All values come from
 * the seed, so that one process does the same with any store.
 */
#include "../bench/common/random.h"
#include "tatp.h"

#include <stdio.h>
#include <string.h>

const char *const tatp_names[TRANSACTIONS] = {
	"get_subscriber_data",    "get_new_destination", "get_access_data",
	"update_subscriber_data", "update_location",     "insert_call_forwarding",
	"delete_call_forwarding",
};

/* Of a hundred transactions. */
static const uint8_t mix[TRANSACTIONS] = { 35, 10, 35, 2, 14, 2, 2 };

static inline uint64_t cycles(void)
{
	uint64_t now;

	__asm__ volatile("rdtsc" : "=A"(now));
	return now;
}

/* --- random numbers --- */

static uint32_t random_from(uint32_t *state, uint32_t least, uint32_t most)
{
	return least + random_below(state, most - least + 1);
}

/* The description's non-uniform distribution: some subscribers come more often than others. */
static uint32_t random_subscriber(uint32_t *state, uint32_t subscribers)
{
	const uint32_t a = subscribers <= 1000000    ? 65535
			   : subscribers <= 10000000 ? 1048575
						     : 2097151;

	return (random_from(state, 0, a) | random_from(state, 1, subscribers)) % subscribers + 1;
}

static void random_text(uint32_t *state, char *text, unsigned size, char first, unsigned letters)
{
	for (unsigned i = 0; i < size; i++)
		text[i] = first + random_from(state, 0, letters - 1);
}

/* Fifteen digits. */
static void number_of(uint32_t s_id, char sub_nbr[TATP_NUMBER])
{
	memset(sub_nbr, '0', TATP_NUMBER - 1);
	sub_nbr[TATP_NUMBER - 1] = 0;
	for (int i = TATP_NUMBER - 2; s_id; s_id /= 10)
		sub_nbr[i--] = '0' + s_id % 10;
}

/* --- population --- */

static int add_subscriber(uint32_t *state, uint32_t s_id)
{
	struct subscriber row = { .s_id = s_id };

	number_of(s_id, row.sub_nbr);
	for (unsigned i = 0; i < 10; i++) {
		row.bits[i] = random_from(state, 0, 1);
		row.hexes[i] = random_from(state, 0, 15);
		row.bytes[i] = random_from(state, 0, 255);
	}
	row.msc_location = random_next(state);
	row.vlr_location = random_next(state);
	return store_add(SUBSCRIBER, &row);
}

/* One to four of the four types, so many of them at random. */
static unsigned random_types(uint32_t *state)
{
	const unsigned count = random_from(state, 1, 4);
	unsigned types = 0;

	while ((unsigned)__builtin_popcount(types) < count)
		types |= 1u << random_from(state, 1, 4);
	return types;
}

static int add_access_infos(uint32_t *state, uint32_t s_id)
{
	const unsigned types = random_types(state);
	int error = 0;

	for (unsigned type = 1; type <= 4 && !error; type++) {
		struct access_info row = { .s_id = s_id, .ai_type = type };

		if (!(types & 1u << type))
			continue;
		row.data1 = random_from(state, 0, 255);
		row.data2 = random_from(state, 0, 255);
		random_text(state, row.data3, sizeof row.data3, 'A', 26);
		random_text(state, row.data4, sizeof row.data4, 'A', 26);
		error = store_add(ACCESS_INFO, &row);
	}
	return error;
}

/* None to three of the three times of day. */
static int add_call_forwardings(uint32_t *state, uint32_t s_id, uint8_t sf_type)
{
	unsigned wanted = random_from(state, 0, 3), times = 0;
	int error = 0;

	while ((unsigned)__builtin_popcount(times) < wanted)
		times |= 1u << random_from(state, 0, 2);
	for (unsigned time = 0; time < 3 && !error; time++) {
		struct call_forwarding row = { .s_id = s_id, .sf_type = sf_type };

		if (!(times & 1u << time))
			continue;
		row.start_time = 8 * time;
		row.end_time = row.start_time + random_from(state, 1, 8);
		random_text(state, row.numberx, sizeof row.numberx, '0', 10);
		error = store_add(CALL_FORWARDING, &row);
	}
	return error;
}

static int add_special_facilities(uint32_t *state, uint32_t s_id)
{
	const unsigned types = random_types(state);
	int error = 0;

	for (unsigned type = 1; type <= 4 && !error; type++) {
		struct special_facility row = { .s_id = s_id, .sf_type = type };

		if (!(types & 1u << type))
			continue;
		row.is_active = random_from(state, 1, 100) <= 85;
		row.error_cntrl = random_from(state, 0, 255);
		row.data_a = random_from(state, 0, 255);
		random_text(state, row.data_b, sizeof row.data_b, 'A', 26);
		error = store_add(SPECIAL_FACILITY, &row);
		if (!error)
			error = add_call_forwardings(state, s_id, type);
	}
	return error;
}

int tatp_populate(const struct tatp_settings *settings)
{
	uint32_t state = random_start(settings->seed, UINT32_MAX);
	int error = 0;

	for (uint32_t s_id = 1; s_id <= settings->subscribers && !error; s_id++) {
		error = add_subscriber(&state, s_id);
		if (!error)
			error = add_access_infos(&state, s_id);
		if (!error)
			error = add_special_facilities(&state, s_id);
	}
	return error;
}

/* --- transactions --- */

/* What one is to be done with: drawn before it is timed. */
struct input {
	uint32_t s_id, location;
	char sub_nbr[TATP_NUMBER];
	uint8_t type, bit, data, start_time, end_time;
	struct call_forwarding forwarding;
};

static enum transaction draw(uint32_t *state, uint32_t subscribers, struct input *input)
{
	uint32_t kind = 0, percent = random_from(state, 0, 99);

	while (percent >= mix[kind])
		percent -= mix[kind++];
	input->s_id = random_subscriber(state, subscribers);
	number_of(input->s_id, input->sub_nbr);
	input->type = random_from(state, 1, 4);
	input->bit = random_from(state, 0, 1);
	input->data = random_from(state, 0, 255);
	input->location = random_next(state);
	input->start_time = 8 * random_from(state, 0, 2);
	input->end_time = random_from(state, 1, 24);
	input->forwarding = (struct call_forwarding){ .s_id = input->s_id,
						      .sf_type = input->type,
						      .start_time = input->start_time,
						      .end_time = input->start_time +
								  random_from(state, 1, 8) };
	if (kind == INSERT_CALL_FORWARDING)
		random_text(state, input->forwarding.numberx, sizeof input->forwarding.numberx, '0',
			    10);
	return kind;
}

static int perform(enum transaction kind, const struct input *input)
{
	static struct subscriber subscriber;
	static struct access_info access_info;
	static char numberx[TATP_NUMBER];

	switch (kind) {
	case GET_SUBSCRIBER_DATA:
		return store_get_subscriber_data(input->s_id, &subscriber);
	case GET_NEW_DESTINATION:
		return store_get_new_destination(input->s_id, input->type, input->start_time,
						 input->end_time, numberx);
	case GET_ACCESS_DATA:
		return store_get_access_data(input->s_id, input->type, &access_info);
	case UPDATE_SUBSCRIBER_DATA:
		return store_update_subscriber_data(input->s_id, input->bit, input->type,
						    input->data);
	case UPDATE_LOCATION:
		return store_update_location(input->sub_nbr, input->location);
	case INSERT_CALL_FORWARDING:
		return store_insert_call_forwarding(input->sub_nbr, &input->forwarding);
	default:
		return store_delete_call_forwarding(input->sub_nbr, input->type, input->start_time);
	}
}

void tatp_run(const struct tatp_settings *settings, uint32_t process, struct tatp_outcome *outcome)
{
	uint32_t state = random_start(settings->seed, process);
	struct input input;

	memset(outcome, 0, sizeof *outcome);
	for (uint32_t i = 0; i < settings->transactions; i++) {
		const enum transaction kind = draw(&state, settings->subscribers, &input);
		const uint64_t start = cycles();
		const int result = perform(kind, &input);

		outcome->cycles[kind] += cycles() - start;
		outcome->counts[kind]++;
		if (result < 0) {
			outcome->error = result;
			return;
		}
		outcome->succeeded[kind] += result;
	}
}

/* --- looking at what is there --- */

static const uint8_t row_sizes[TABLES] = {
	sizeof(struct subscriber),
	sizeof(struct access_info),
	sizeof(struct special_facility),
	sizeof(struct call_forwarding),
};

/* FNV-1a (Fowler, Noll, Vo) of the row. */
static uint32_t hash_row(enum table table, const void *row)
{
	const uint8_t *bytes = row;
	uint32_t hash = 2166136261u ^ table;

	for (unsigned i = 0; i < row_sizes[table]; i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash;
}

/* The sum of all rows' hashes does not depend on their order. */
static int look_at(void *context, enum table table, const void *row)
{
	struct tatp_content *content = context;

	content->rows[table]++;
	content->sum += hash_row(table, row);
	return 0;
}

struct relations {
	const char *fault;
};

/* What a row refers to is there. */
static int relate(void *context, enum table table, const void *row)
{
	struct relations *relations = context;
	const struct subscriber *subscriber = row;
	const struct call_forwarding *forwarding = row;

	if (table == CALL_FORWARDING && !store_has_facility(forwarding->s_id, forwarding->sf_type))
		relations->fault = "a call forwarding without its special facility";
	if (table == CALL_FORWARDING && forwarding->start_time >= forwarding->end_time)
		relations->fault = "a call forwarding that ends before it starts";
	if (table == SUBSCRIBER && !store_has_number(subscriber->sub_nbr, subscriber->s_id))
		relations->fault = "a subscriber who is not found by the number";
	return relations->fault != NULL;
}

int tatp_look(const struct tatp_settings *settings, struct tatp_content *content)
{
	struct relations relations = { NULL };

	memset(content, 0, sizeof *content);
	if (store_visit(look_at, content) != 0 || store_visit(relate, &relations) != 0) {
		printf("tatp: %s\n", relations.fault ? relations.fault : "rows cannot be read");
		return 1;
	}
	if (content->rows[SUBSCRIBER] != settings->subscribers) {
		printf("tatp: %lu subscribers\n", (unsigned long)content->rows[SUBSCRIBER]);
		return 1;
	}
	return store_check();
}
