/*
 * The process of one telephone call, for the benchmark `traffic`: a message sets it up; it finds
 * the route by the digits, charges the caller's account, answers, and ends.
 */
#include "traffic.h"

#include <castle/castle.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define UNITS_A_MINUTE 10
#define ZONES          16

/* The zone of a number, by its digits, and so the price. */
static uint32_t price(const struct traffic_call *call)
{
	uint32_t hash = 0;

	for (int i = 0; i < TRAFFIC_DIGITS; i++)
		hash = hash * 10 + (uint32_t)(call->digits[i] - '0');
	return UNITS_A_MINUTE * (1 + hash % ZONES);
}

static void lock(uint32_t *word)
{
	while (__atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void charge(struct traffic_account *account, uint32_t units)
{
	lock(&account->lock);
	account->calls++;
	account->charged += units;
	__atomic_store_n(&account->lock, 0, __ATOMIC_RELEASE);
}

static struct traffic_account *billing(void)
{
	const int fd = open(TRAFFIC_BILLING, O_RDWR);
	void *accounts = mmap(NULL, TRAFFIC_SUBSCRIBERS * sizeof(struct traffic_account),
			      PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return accounts == MAP_FAILED ? NULL : accounts;
}

int main(void)
{
	struct traffic_account *accounts;
	struct castle_message message;
	struct traffic_call call;

	if (castle_receive(&message, 0) != 0 || message.kind != TRAFFIC_SETUP)
		return 1;
	memcpy(&call, message.data, sizeof call);
	accounts = billing();
	if (!accounts || call.caller >= TRAFFIC_SUBSCRIBERS)
		return 1;
	call.charged = price(&call) * (call.seconds + 59) / 60;
	charge(&accounts[call.caller], call.charged);
	message.to = message.from;
	message.kind = TRAFFIC_RELEASED;
	memcpy(message.data, &call, sizeof call);
	return castle_send(&message) < 0;
}
