/*
 * Links between nodes of a cluster (uapps/cluster/common), on two networks that lose, double, delay
 * and swap datagrams, are cut and mended; nodes end and start anew. What is sent arrives in order
 * and once; what is not given back as lost has arrived in the end.
 */
#include "uapps/cluster/common/link.h"
#include "uapps/cluster/common/members.h"
#include "tests/host/support.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define FLIGHTS  512
#define MESSAGES 300
#define SEEDS    300
#define STEP_MS  5
#define STEPS    6000 /* enough for everything, once all is well again */

static struct flight {
	uint64_t due; /* 0: free */
	unsigned to, network, size;
	uint8_t bytes[sizeof(struct link_header) + LINK_DATA_MAX];
} flights[FLIGHTS];

static struct link nodes[2];
static bool cut[LINK_NETWORKS];
static unsigned faults; /* of a hundred datagrams */
static uint64_t now;
static uint32_t sent, came, lost_count;
static bool lost_numbers[MESSAGES];

static bool happens(unsigned percent)
{
	return (unsigned)rand() % 100 < percent;
}

static void fly(unsigned to, unsigned network, const void *bytes, unsigned size)
{
	for (struct flight *one = flights; one < flights + FLIGHTS; one++) {
		if (one->due)
			continue;
		one->due = now + 1 + (happens(faults) ? rand() % 300 : 0);
		one->to = to;
		one->network = network;
		one->size = size;
		memcpy(one->bytes, bytes, size);
		return;
	}
}

static void on_send(struct link *link, unsigned network, const void *bytes, unsigned size)
{
	if (cut[network] || happens(faults))
		return;
	fly(link->peer - 1, network, bytes, size);
	if (happens(faults))
		fly(link->peer - 1, network, bytes, size);
}

static void on_lost(struct link *link, const void *data, unsigned size)
{
	uint32_t number;

	(void)link;
	ck_assert_uint_ge(size, sizeof number);
	memcpy(&number, data, sizeof number);
	ck_assert(!lost_numbers[number]);
	lost_numbers[number] = true;
	lost_count++;
}

static void start(unsigned node)
{
	static uint32_t incarnation = 7;

	link_begin(&nodes[node], node + 1, 2 - node, incarnation++);
	nodes[node].send = on_send;
	nodes[node].lost = on_lost;
}

/* What arrives is the number after the last, or one after some that are lost. */
static void take(struct link *link)
{
	const void *data;
	uint32_t number;
	unsigned size;

	while ((data = link_next(link, &size))) {
		memcpy(&number, data, sizeof number);
		ck_assert_uint_ge(number, came);
		came = number + 1;
		link_take(link);
	}
}

static void step(void)
{
	now += STEP_MS;
	for (struct flight *one = flights; one < flights + FLIGHTS; one++) {
		if (!one->due || one->due > now)
			continue;
		link_receive(&nodes[one->to], one->network, one->bytes, one->size, now);
		one->due = 0;
	}
	take(&nodes[1]);
	for (unsigned i = 0; i < 2; i++)
		link_tick(&nodes[i], now);
}

static void send_some(void)
{
	uint8_t data[LINK_DATA_MAX] = { 0 };

	for (int i = rand() % 8; i > 0 && sent < MESSAGES; i--) {
		memcpy(data, &sent, sizeof sent);
		if (!link_send(&nodes[0], data, sizeof sent + rand() % 1000, now))
			return;
		sent++;
	}
}

static void begin(unsigned seed, unsigned percent)
{
	srand(seed);
	memset(flights, 0, sizeof flights);
	memset(cut, 0, sizeof cut);
	memset(lost_numbers, 0, sizeof lost_numbers);
	sent = came = lost_count = 0;
	faults = percent;
	start(0);
	start(1);
}

/* Without an end of a node, nothing is lost, whatever the networks do, if one works at a time. */
START_TEST(networks_fail)
{
	for (unsigned seed = 0; seed < SEEDS; seed++) {
		unsigned steps = 0;
		begin(seed, seed % 30);
		for (; came < MESSAGES; steps++) {
			ck_assert_uint_lt(steps, STEPS);
			if (happens(2))
				cut[rand() % LINK_NETWORKS] ^= true;
			if (steps > STEPS / 2)
				memset(cut, 0, sizeof cut);
			send_some();
			step();
		}
		ck_assert_uint_eq(lost_count, 0);
	}
}
END_TEST

/* The receiver ends and starts anew: what it had not acknowledged is lost, or has arrived. */
START_TEST(receiver_ends)
{
	for (unsigned seed = 0; seed < SEEDS; seed++) {
		begin(seed, seed % 20);
		for (unsigned steps = 0; steps < STEPS / 4; steps++) {
			send_some();
			if (happens(1) && steps < 200)
				start(1);
			if (happens(1) && steps < 200)
				link_give_up(&nodes[0]);
			step();
		}
		ck_assert_uint_eq(sent, MESSAGES);
		ck_assert(came == MESSAGES || lost_numbers[MESSAGES - 1]);
		ck_assert_uint_eq(link_room(&nodes[0]), LINK_WINDOW);
	}
}
END_TEST

static void say(struct members *members, uint32_t node, uint32_t view)
{
	const struct heartbeat beat = { .magic = htonl(MAGIC),
					.version = htonl(VERSION),
					.node = htonl(node),
					.incarnation = htonl(5),
					.view = htonl(view) };

	members_heard(members, &beat, sizeof beat, 1, &node);
}

/* A node that another one hears is alive: two do not both own what is unique. */
START_TEST(one_owner)
{
	struct members members;

	members_begin(&members, 2, 3, 5);
	ck_assert_uint_eq(members_owner(&members), 0);
	say(&members, 3, 0x4);
	ck_assert_uint_eq(members_owner(&members), 2);
	say(&members, 3, 0x7);
	ck_assert_uint_eq(members_owner(&members), 1);
	say(&members, 3, 0x6);
	ck_assert_uint_eq(members_owner(&members), 2);
	ck_assert_uint_eq(members_silent(&members, 1 + SILENCE_MS), 3);
	ck_assert_uint_eq(members_owner(&members), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("link");
	TCase *tests = tcase_create("link");

	tcase_set_timeout(tests, 0);
	tcase_add_test(tests, networks_fail);
	tcase_add_test(tests, receiver_ends);
	tcase_add_test(tests, one_owner);
	suite_add_tcase(suite, tests);
	return suite;
}
