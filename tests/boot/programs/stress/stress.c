/*
 * stress: processes on all CPUs that create, kill, fault, pipe, fork, run programs, make threads
 * and sleep at random until the time is over; then everything must have ended and every page be
 * free again. What each process chooses follows from the seed; how they meet does not.
 */
#include "stress.h"
#include "../common/cpus.h"
#include "../common/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECONDS      10
#define SEED         1
#define ACTORS_MAX   (2 * CASTLE_CPUS_MAX)
#define REPORT_EVERY 10    /* seconds */
#define COUNT_EVERY  8     /* actions for each byte to the watcher */
#define LOOK_EVERY   50000 /* microseconds */

/* How the part that starts them ends, if not well. */
enum { ENDED_BADLY = 1, STILL_THERE };

static struct {
	uint32_t actors, seconds, seed;
} plan;

static pid_t actors[ACTORS_MAX];
static int counts[2]; /* a pipe: what the actors have done */
static uint32_t random_state;

void random_seed(uint32_t seed)
{
	random_state = seed * 2654435761u + 1;
	if (random_state == 0)
		random_state = 1;
}

/* G. Marsaglia: Xorshift RNGs, 2003. */
uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % limit;
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

static const struct action *choose(void)
{
	const struct action *action = actions;
	uint32_t sum = 0, number;

	for (uint32_t i = 0; i < action_count; i++)
		sum += actions[i].weight;
	for (number = random_below(sum); number >= action->weight; action++)
		number -= action->weight;
	return action;
}

/* A process that acts until the end. Its status: which action failed, from 1, or 0. */
static __attribute__((noreturn)) void act(time_t end)
{
	for (uint32_t done = 1; now() < end; done++) {
		const struct action *const action = choose();

		if (!action->act())
			_exit(action - actions + 1);
		if (done % COUNT_EVERY == 0)
			write(counts[1], "", 1);
	}
	_exit(0);
}

static void start_actors(uint32_t count, uint32_t seed, time_t end)
{
	pipe(counts);
	fcntl(counts[0], F_SETFL, O_NONBLOCK);
	fcntl(counts[1], F_SETFL, O_NONBLOCK);
	for (uint32_t i = 0; i < count; i++) {
		actors[i] = fork();
		if (actors[i] != 0)
			continue;
		close(counts[0]);
		random_seed(seed * ACTORS_MAX + i);
		act(end);
	}
	close(counts[1]);
}

/* Adds up what the actors have done, until none of them is left. */
static void watch(time_t start)
{
	uint32_t done = 0;
	time_t next = start + REPORT_EVERY;
	char bytes[256];
	int got;

	while ((got = read(counts[0], bytes, sizeof bytes)) != 0) {
		if (got > 0)
			done += got * COUNT_EVERY;
		else
			usleep(LOOK_EVERY);
		if (now() < next)
			continue;
		printf("# %lu seconds, %lu actions\n", (unsigned long)(now() - start),
		       (unsigned long)done);
		fflush(stdout);
		next = now() + REPORT_EVERY;
	}
	printf("# %lu actions\n", (unsigned long)done);
	close(counts[0]);
}

/* How many actors ended well; says what did not. */
static uint32_t collect(uint32_t count)
{
	uint32_t good = 0;
	int status;

	for (uint32_t i = 0; i < count; i++) {
		if (waitpid(actors[i], &status, 0) == actors[i] && status == 0) {
			good++;
			continue;
		}
		printf("# process %d ended with status %04x", (int)actors[i], (unsigned)status);
		if (WIFEXITED(status) && WEXITSTATUS(status) <= (int)action_count)
			printf(": %s failed", actions[WEXITSTATUS(status) - 1].name);
		putchar('\n');
	}
	return good;
}

/* A part of the program of its own: memory that it gets to move to another processor is not lost.
 */
static void conduct(void)
{
	const time_t start = now();

	start_actors(plan.actors, plan.seed, start + plan.seconds);
	watch(start);
	if (collect(plan.actors) < plan.actors)
		exit(ENDED_BADLY);
	exit(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD ? 0 : STILL_THERE);
}

static void run(void)
{
	const long before = free_pages();
	const int status = in_child(conduct);

	ok(status == 0 || WEXITSTATUS(status) == STILL_THERE,
	   "%u processes did %u seconds of everything, seed %u", (unsigned)plan.actors,
	   (unsigned)plan.seconds, (unsigned)plan.seed);
	ok(status == 0, "no process is left");
	ok_memory_is(before, "and free memory is what it was, to the page");
}

static uint32_t number(const char *text)
{
	char *end;
	const unsigned long value = strtoul(text ? text : "", &end, 10);

	if (text && *text >= '0' && *text <= '9' && *end == '\0')
		return value;
	fprintf(stderr, "usage: stress [-t SECONDS] [-s SEED]\n"
			"SECONDS is 10 and SEED 1 unless told.\n");
	exit(2);
}

int main(int argc, char **argv)
{
	plan.actors = cpu_count() + 2;
	plan.seconds = SECONDS;
	plan.seed = SEED;
	for (int i = 1; i < argc; i += 2) {
		if (strcmp(argv[i], "-t") == 0)
			plan.seconds = number(argv[i + 1]);
		else if (strcmp(argv[i], "-s") == 0)
			plan.seed = number(argv[i + 1]);
		else
			number(NULL);
	}
	printf("# stress: %lu seconds, seed %lu, CPUs %lu\n", (unsigned long)plan.seconds,
	       (unsigned long)plan.seed, (unsigned long)cpu_count());
	fflush(stdout);
	run();
	return done_testing();
}
