/*
 * What traffic and the process of a call share.
 */
#ifndef UAPPS_BENCH_TRAFFIC_H
#define UAPPS_BENCH_TRAFFIC_H

#include <stdint.h>

#define TRAFFIC_BILLING     "/tmp/billing"
#define TRAFFIC_SUBSCRIBERS 1024
#define TRAFFIC_DIGITS      8 /* of a telephone number */

/* A subscriber's record in the billing database, a cache line of its own. */
struct traffic_account {
	uint32_t lock;
	uint32_t calls;
	uint64_t charged; /* units */
	uint8_t unused[48];
};

enum traffic_kind { TRAFFIC_SETUP = 1, TRAFFIC_RELEASED };

/* The message that a call begins with, and its answer. */
struct traffic_call {
	uint32_t caller;
	uint32_t seconds;
	char digits[TRAFFIC_DIGITS]; /* whom the caller wants */
	uint32_t charged;            /* in the answer */
};

#endif
