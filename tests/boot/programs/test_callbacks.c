/*
 * Callback processes: static, upgraded while messages come, started again when they crash, told of
 * peers that end.
 */
#include "common/tap.h"
#include "counter_process.h"

#include <castle/callbacks.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SENDERS  3
#define MESSAGES 300
#define UPGRADES 5
#define TRIES    100

static int32_t tell(int32_t to, uint32_t kind)
{
	struct castle_message message = { .to = to, .kind = kind, .name = COUNTER_NAME };

	return castle_send(&message);
}

static void pause_ms(int milliseconds)
{
	const struct timespec pause = { .tv_sec = milliseconds / 1000,
					.tv_nsec = milliseconds % 1000 * 1000000 };

	nanosleep(&pause, NULL);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* What the counter says, to a question of this kind; by whom. */
static int32_t ask(uint32_t kind, struct counter *counter)
{
	struct castle_message message;

	memset(counter, 0xff, sizeof *counter);
	if (tell(0, kind) < 0 || castle_receive(&message, 0) != 0)
		return -1;
	memcpy(counter, message.data, sizeof *counter);
	return message.from;
}

/* Waits until there is no such process. */
static bool ends(int32_t process)
{
	for (int i = 0; i < TRIES; i++) {
		if (kill(process, 0) != 0 && errno == ESRCH)
			return true;
		pause_ms(50);
	}
	return false;
}

static int wait_for_all(void)
{
	int status, sum = 0;

	while (waitpid(-1, &status, 0) > 0)
		sum += status;
	return sum;
}

static void send_many(void)
{
	for (int i = 0; i < SENDERS; i++) {
		if (fork() != 0)
			continue;
		for (int count = 0; count < MESSAGES; count++)
			if (tell(0, COUNTER_ADD) < 0)
				_exit(1);
		_exit(0);
	}
}

/* The static process; its identifier. */
static int32_t test_static(void)
{
	struct counter counter;
	int32_t process;

	ok_is(castle_keep(COUNTER_NAME), 0, "a static process");
	pause_ms(300);
	process = ask(COUNTER_GET, &counter);
	ok(process > 0, "it answers");
	ok_is(counter.count, 0, "it has counted nothing");
	return process;
}

static void test_upgrade(int32_t process)
{
	struct counter counter;

	send_many();
	for (int i = 0; i < UPGRADES; i++) {
		ok_is(castle_upgrade(process, "/bin/" COUNTER_NAME), 0,
		      "an upgrade while messages come");
		pause_ms(20);
	}
	ok_is(wait_for_all(), 0, "no sender has an error");
	ok_is(ask(COUNTER_GET, &counter), process, "it is the same process");
	ok_is(counter.count, SENDERS * MESSAGES, "no message is lost, and none comes twice");
	ok_is(counter.upgrades, UPGRADES, "each upgrade has handed its state over");
	ok_is(counter.overlaps, 0, "never two callbacks at once");
	ok_is(castle_upgrade(process, "/bin/none"), 0, "an upgrade to no program");
	ok_is(ask(COUNTER_GET, &counter), process, "changes nothing");
	ok_is(counter.count, SENDERS * MESSAGES, "and forgets nothing");
}

static void test_timer(void)
{
	const long long before = now_ms();
	struct counter counter;

	ok(ask(COUNTER_LATER, &counter) > 0, "an answer by timer");
	ok(now_ms() - before >= COUNTER_LATER_MS, "not before its time");
}

static void test_gone(void)
{
	struct counter counter = { .gone = 0 };
	const pid_t child = fork();

	if (child == 0) {
		tell(0, COUNTER_WATCH);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	for (int i = 0; i < TRIES && ask(COUNTER_GET, &counter) > 0 && counter.gone != child; i++)
		pause_ms(50);
	ok_is(counter.gone, child, "it is told of a peer that has ended");
}

static void test_crash(int32_t process)
{
	struct counter counter;

	ok_is(tell(process, COUNTER_CRASH), process, "it is to crash");
	ok(ends(process), "it does");
	pause_ms(500);
	const int32_t again = ask(COUNTER_GET, &counter);
	ok(again > 0 && again != process, "another one has been started");
	ok_is(counter.count, 0, "which begins anew");
	ok_is(castle_stop(again), 0, "stop");
	ok(ends(again), "it ends");
	pause_ms(500);
	ok_errno(tell(again, COUNTER_GET), ESRCH, "and stays away");
	const int32_t dynamic = ask(COUNTER_GET, &counter);
	ok(dynamic > 0, "until it is named: it is a dynamic process then");
	castle_stop(dynamic);
	ok(ends(dynamic), "which can be stopped, too");
}

int main(void)
{
	const int32_t process = test_static();

	test_upgrade(process);
	test_timer();
	test_gone();
	test_crash(process);
	return done_testing();
}
