/*
 * TATP, the Telecom Application Transaction Processing benchmark (S. Neuvonen, A. Wolski, M.
 * Manner, V. Raatikka: TATP benchmark description, version 1.0, 2009): four tables of a mobile
 * network's home location register, seven transactions, four of five of which only read. The
 * workload is here; a store does what it says: Castle's database, and on Linux SQLite
 * (lab/peers/sqlite).
 */
#ifndef UAPPS_TATP_H
#define UAPPS_TATP_H

#include <stdbool.h>
#include <stdint.h>

#define TATP_NUMBER 16 /* fifteen digits, and a 0 */

/* The tables' rows. The first members are the keys, whose spare bytes are 0. */
struct subscriber {
	uint32_t s_id;
	char sub_nbr[TATP_NUMBER];
	uint8_t bits[10], hexes[10], bytes[10], spare[2];
	uint32_t msc_location, vlr_location;
};

struct access_info {
	uint32_t s_id;
	uint8_t ai_type, spare[3];
	uint8_t data1, data2;
	char data3[3], data4[5], spare2[2];
};

struct special_facility {
	uint32_t s_id;
	uint8_t sf_type, spare[3];
	uint8_t is_active, error_cntrl, data_a;
	char data_b[5];
};

struct call_forwarding {
	uint32_t s_id;
	uint8_t sf_type, start_time, spare[2];
	uint8_t end_time;
	char numberx[15];
};

enum table { SUBSCRIBER, ACCESS_INFO, SPECIAL_FACILITY, CALL_FORWARDING, TABLES };

enum transaction {
	GET_SUBSCRIBER_DATA,
	GET_NEW_DESTINATION,
	GET_ACCESS_DATA,
	UPDATE_SUBSCRIBER_DATA,
	UPDATE_LOCATION,
	INSERT_CALL_FORWARDING,
	DELETE_CALL_FORWARDING,
	TRANSACTIONS
};

/* --- the workload (workload.c) --- */

struct tatp_settings {
	uint32_t subscribers, transactions, processes, seed;
	uint32_t together; /* of a replicated store: it waits once for so many transactions; 0: it
			      is not */
};

/* What one process's transactions came to. */
struct tatp_outcome {
	uint32_t counts[TRANSACTIONS], succeeded[TRANSACTIONS];
	uint64_t cycles[TRANSACTIONS];
	int error; /* the store's, of the transaction that ended it */
};

extern const char *const tatp_names[TRANSACTIONS];

/* Fills the tables. 0, or a store's error. */
int tatp_populate(const struct tatp_settings *settings);

/* Makes a process's share of the transactions. */
void tatp_run(const struct tatp_settings *settings, uint32_t process, struct tatp_outcome *outcome);

/* A number that is the same for the same rows, in any order; counts rows. 0, or a fault is named.
 */
struct tatp_content {
	uint32_t rows[TABLES];
	uint32_t sum;
};
int tatp_look(const struct tatp_settings *settings, struct tatp_content *content);

/* --- what a store does --- */

/*
 * 0, or a negative errno value. The first process makes the tables; others only open them. A
 * replicated store's first process goes on where its node leads; elsewhere it ends with the leader.
 */
int store_make(const struct tatp_settings *settings);
int store_open(void);
void store_remove(void);

int store_add(enum table table, const void *row);

/* 1 if it succeeded, 0 if there was no such row, or it was there already; a negative error. */
int store_get_subscriber_data(uint32_t s_id, struct subscriber *row);
int store_get_new_destination(uint32_t s_id, uint8_t sf_type, uint8_t start_time, uint8_t end_time,
			      char numberx[TATP_NUMBER]);
int store_get_access_data(uint32_t s_id, uint8_t ai_type, struct access_info *row);
int store_update_subscriber_data(uint32_t s_id, uint8_t bit_1, uint8_t sf_type, uint8_t data_a);
int store_update_location(const char sub_nbr[TATP_NUMBER], uint32_t vlr_location);
int store_insert_call_forwarding(const char sub_nbr[TATP_NUMBER],
				 const struct call_forwarding *row);
int store_delete_call_forwarding(const char sub_nbr[TATP_NUMBER], uint8_t sf_type,
				 uint8_t start_time);

/* Calls `visit` for each row of all tables, in any order. 0, or what that returned. */
int store_visit(int (*visit)(void *context, enum table table, const void *row), void *context);

/* Whether a row has that key; 1, 0. */
int store_has_facility(uint32_t s_id, uint8_t sf_type);
int store_has_number(const char sub_nbr[TATP_NUMBER], uint32_t s_id);

/* The store's own opinion of itself: how many faults. */
int store_check(void);

#endif
