/*
 * test_cluster: test_cluster NODE COUNT [DELAY]: sends COUNT numbers to cluster_counter on that
 * node ("0": where the unique one is), so many milliseconds apart, and then asks what came; says so
 * in a line that tests/cluster/run reads. What is lost is counted, not sent again.
 *
 * test_cluster NODE watch: asks again and again, and says when another process answers than before,
 * and how many milliseconds after the last answer of that; for tests/cluster/failover.
 */
#include "cluster_counter.h"

#include <castle/cluster.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WATCH_US 20000

static unsigned lost;

/* The answer, when it comes; what is lost meanwhile is counted. False: the question was, too. */
static bool answered(struct counter_answer *answer)
{
	struct castle_message message;
	struct castle_lost what;

	while (castle_receive(&message, 0) == 0) {
		if (message.kind == COUNTER_ANSWER) {
			memcpy(answer, message.data, sizeof *answer);
			return true;
		}
		memcpy(&what, message.data, sizeof what);
		if (message.kind == CASTLE_KIND_LOST && what.kind == COUNTER_ASK)
			return false;
		lost += message.kind == CASTLE_KIND_LOST;
	}
	return false;
}

static void tell(struct castle_address to, uint32_t kind, uint32_t number)
{
	struct castle_message message = { .kind = kind,
					  .size = sizeof number,
					  .name = COUNTER_PROGRAM };

	memcpy(message.data, &number, sizeof number);
	if (castle_cluster_send(to, &message) != 0)
		err(1, "send");
}

static void wait_for_majority(uint32_t node)
{
	struct castle_cluster cluster;

	while (castle_cluster(&cluster) != 0 || !cluster.majority ||
	       (node != CASTLE_NODE_OWNER && !(cluster.up >> (node - 1) & 1)))
		usleep(50000);
}

/* Until there is an answer: the process may be about to be started. */
static void ask(struct castle_address to, struct counter_answer *answer)
{
	for (tell(to, COUNTER_ASK, 0); !answered(answer); tell(to, COUNTER_ASK, 0))
		usleep(100000);
}

static void __attribute__((noreturn)) keep_watch(struct castle_address to)
{
	struct counter_answer answer = { .start = 0 };

	for (uint32_t start = 0;; start = answer.start) {
		uint64_t last = castle_replica_now();
		for (ask(to, &answer); answer.start == start; ask(to, &answer)) {
			last = castle_replica_now();
			usleep(WATCH_US);
		}
		printf("unique: start %08x, after %llu ms\n", (unsigned)answer.start,
		       (unsigned long long)(castle_replica_now() - last) / 1000);
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	const uint32_t node = argc > 1 ? atoi(argv[1]) : 0, count = argc > 2 ? atoi(argv[2]) : 0;
	const struct castle_address to = { .node = node ? node : CASTLE_NODE_OWNER };
	struct counter_answer answer;
	uint32_t before;

	wait_for_majority(to.node);
	if (argc > 2 && strcmp(argv[2], "watch") == 0)
		keep_watch(to);
	ask(to, &answer);
	for (uint32_t i = 0; i < count; i++) {
		tell(to, COUNTER_NUMBER, answer.came + i);
		if (argc > 3)
			usleep(atoi(argv[3]) * 1000);
	}
	before = answer.came;
	ask(to, &answer);
	printf("counter: %u of %u came, %u disorder, %u lost, start %08x\n",
	       (unsigned)(answer.came - before), (unsigned)count, (unsigned)answer.disorder, lost,
	       (unsigned)answer.start);
	return 0;
}
