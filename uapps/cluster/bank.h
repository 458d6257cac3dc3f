/*
 * What bank and its clients send each other.
 */
#ifndef BANK_H
#define BANK_H

#include <stdint.h>

#define BANK_DATABASE "bank"
#define BANK_ACCOUNTS 64
#define BANK_MONEY    1000 /* of each account in the beginning */

enum bank_kind { BANK_PAY = 1, BANK_READ, BANK_SUM, BANK_ANSWER };
enum bank_state { BANK_DONE, BANK_NOT_HERE, BANK_UNKNOWN };

struct bank_message {
	uint32_t number; /* of the call; the answer has the same */
	uint32_t from, to;
	int32_t sum;
	uint32_t state;   /* of an answer */
	uint32_t counter; /* of account `from`: how many times it has paid */
};

#endif
