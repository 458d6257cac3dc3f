/*
 * clients: clients NUMBER SECONDS [SEED]: so many processes call the bank, wherever it is served,
 * one call after the other, and write a history: for each call a line "@call" with its kind,
 * account, when it began and ended (milliseconds of this node), what came of it and the number that
 * was answered.
 */
#include "bank.h"

#include <castle/cluster.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 3000 /* then nobody knows what has become of a call */
#define LOOK_MS     100
#define PAUSE_US    20000
#define HOT         4 /* accounts that all calls go to */

static uint32_t number;

static uint64_t now_ms(void)
{
	return castle_replica_now() / 1000;
}

static void ring(int signal)
{
	(void)signal;
}

/* The wait for a message ends so often; 0: no more. */
static void set_alarm(uint32_t milliseconds)
{
	const struct timeval often = { .tv_usec = milliseconds * 1000 };
	const struct itimerval wait = { .it_value = often, .it_interval = often };

	setitimer(ITIMER_REAL, &wait, NULL);
}

/* Whether an answer is not worth waiting for: another node leads, or long enough. */
static bool gives_up(uint32_t leader, uint64_t start)
{
	struct castle_replica now;

	return now_ms() - start >= PATIENCE_MS ||
	       (castle_replica(&now) == 0 && now.leader && now.leader != leader);
}

/* Waits for the answer to this call; what became of it. */
static enum bank_state hear(uint32_t leader, uint64_t start, struct bank_message *answer)
{
	struct castle_message message;
	struct castle_lost lost;

	for (;;) {
		if (castle_receive(&message, 0) != 0) {
			if (gives_up(leader, start))
				return BANK_UNKNOWN;
			continue;
		}
		if (message.kind == BANK_ANSWER) {
			memcpy(answer, message.data, sizeof *answer);
			if (answer->number == number)
				return answer->state;
		}
		if (message.kind == CASTLE_KIND_LOST) {
			memcpy(&lost, message.data, sizeof lost);
			memcpy(answer, lost.data, sizeof *answer);
			if (answer->number == number)
				return BANK_UNKNOWN;
		}
	}
}

static void call(uint32_t leader, uint32_t kind)
{
	struct bank_message one = { .number = ++number, .from = rand() % HOT, .sum = rand() % 50 };
	struct castle_message message = { .kind = kind, .size = sizeof one, .name = "bank" };
	const uint64_t start = now_ms();
	uint64_t end;
	enum bank_state state = BANK_UNKNOWN;
	struct bank_message answer = { .number = 0 };

	one.to = (one.from + 1 + rand() % (HOT - 1)) % HOT;
	memcpy(message.data, &one, sizeof one);
	set_alarm(LOOK_MS);
	if (castle_cluster_send((struct castle_address){ .node = leader }, &message) == 0)
		state = hear(leader, start, &answer);
	end = now_ms();
	set_alarm(0);
	usleep(PAUSE_US);
	if (state == BANK_NOT_HERE)
		return;
	printf("@call %u %u %llu %llu %u %u %d\n", (unsigned)kind, (unsigned)one.from,
	       (unsigned long long)start, (unsigned long long)end, (unsigned)state,
	       (unsigned)answer.counter, (int)answer.sum);
	fflush(stdout);
}

static void be_client(uint32_t seconds)
{
	const uint64_t end = now_ms() + 1000ull * seconds;
	struct castle_replica replica;

	while (now_ms() < end) {
		const uint32_t dice = rand() % 10;
		if (castle_replica(&replica) != 0 || !replica.leader) {
			usleep(PAUSE_US);
			continue;
		}
		call(replica.leader, dice < 5 ? BANK_PAY : dice < 9 ? BANK_READ : BANK_SUM);
	}
	exit(0);
}

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = ring };
	const uint32_t clients = argc > 2 ? atoi(argv[1]) : 0,
		       seconds = argc > 2 ? atoi(argv[2]) : 0;

	if (!clients || !seconds)
		errx(2, "usage: clients NUMBER SECONDS [SEED]");
	sigaction(SIGALRM, &action, NULL);
	for (uint32_t i = 0; i < clients; i++) {
		if (fork() != 0)
			continue;
		srand((argc > 3 ? atoi(argv[3]) : 1) * 1000 + i);
		be_client(seconds);
	}
	/* A shell may have left this process children of its own. */
	for (uint32_t i = 0; i < clients; i++)
		wait(NULL);
	printf("clients: done\n");
	return 0;
}
