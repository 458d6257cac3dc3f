/*
 * A process is killed at every point of a kind: before the first lock that its kernel takes for it,
 * the second, and so on to the end of a small scenario; then each time that a thread of it waits,
 * and that one is woken. Each time the process is gone, and every page, object, descriptor and
 * process is there as before. In kernels without /dev/killnth (DEBUG=1 has it) there is nothing to
 * test.
 */
#include "common/counts.h"
#include "common/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define POINTS_MAX 3000 /* no scenario has so many of a kind */
#define LEAST      20   /* kills in all: where there is one processor, no locks are taken */
#define PLACE      "/tmp/killnth"

/* kernel/debug/nth.h. */
struct kill_state {
	uint32_t seen, killed;
};

static const struct {
	char letter;
	const char *name;
} classes[] = { { 'l', "before each lock" },
		{ 'b', "each time that it waits" },
		{ 'w', "each time that it is woken" } };

static int killing = -1; /* /dev/killnth */

/* --- scenarios; each ends with a status of 0 -------------------------------------------------- */

static void use_files(void)
{
	char text[8];
	const int fd = open(PLACE "/new", O_CREAT | O_RDWR, 0644);

	if (write(fd, "killed", 6) != 6 || lseek(fd, 0, SEEK_SET) != 0 || read(fd, text, 6) != 6)
		_exit(1);
	if (rename(PLACE "/new", PLACE "/old") || mkdir(PLACE "/new", 0755) || rmdir(PLACE "/new"))
		_exit(1);
	_exit(close(fd) || unlink(PLACE "/old"));
}

/* Each of the two waits for the other. */
static void use_pipes(void)
{
	int there[2], back[2];
	char byte = 0;

	if (pipe(there) || pipe(back))
		_exit(1);
	if (fork() == 0) {
		close(there[1]);
		close(back[0]);
		while (read(there[0], &byte, 1) == 1)
			if (write(back[1], &byte, 1) != 1)
				break;
		_exit(0);
	}
	close(there[0]);
	close(back[1]);
	for (int i = 0; i < 3; i++)
		if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
			_exit(1);
	close(there[1]);
	_exit(wait(NULL) < 0);
}

static void run_program(void)
{
	static char *const arguments[] = { "true", NULL };
	int status;
	const pid_t child = fork();

	if (child == 0) {
		execv("/bin/true", arguments);
		_exit(1);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		_exit(1);
	execv("/bin/true", arguments);
	_exit(1);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *contend(void *argument)
{
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&mutex);
		usleep(1);
		pthread_mutex_unlock(&mutex);
	}
	return argument;
}

static void use_threads(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, contend, NULL))
		_exit(1);
	contend(NULL);
	_exit(pthread_join(thread, NULL));
}

static void handle(int signal)
{
	(void)signal;
}

/* A child that writes to what was shared with it, and to memory of its own, while signals come. */
static void use_memory(void)
{
	static char page[16384];
	sigset_t none;

	signal(SIGUSR1, handle);
	sigemptyset(&none);
	memset(page, 1, sizeof page);
	if (fork() == 0) {
		memset(page, 2, sizeof page);
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	memset(page, 3, sizeof page);
	free(memset(malloc(65536), 1, 65536));
	while (wait(NULL) < 0)
		;
	_exit(page[4096] != 3);
}

static const struct {
	const char *name;
	void (*run)(void);
} scenarios[] = {
	{ "files", use_files },     { "pipes", use_pipes },   { "programs", run_program },
	{ "threads", use_threads }, { "memory", use_memory },
};

/* --- the n-th --------------------------------------------------------------------------------- */

static pid_t start(unsigned scenario, char letter, unsigned nth)
{
	char text[8];
	const int length = snprintf(text, sizeof text, "%c%u", letter, nth);
	const pid_t victim = fork();

	if (victim != 0)
		return victim;
	if (write(killing, text, length) != length)
		_exit(1);
	close(killing);
	scenarios[scenario].run();
	_exit(1);
}

static bool put_in_order(void)
{
	rmdir(PLACE "/new");
	unlink(PLACE "/new");
	unlink(PLACE "/old");
	return rmdir(PLACE) == 0 && mkdir(PLACE, 0755) == 0;
}

/* Kills at the n-th point; false: what came of it is wrong. `killed`: there is one. */
static bool try_nth(unsigned scenario, char letter, unsigned nth, bool *killed)
{
	static struct count before, after;
	struct kill_state state;
	int status = -1;
	pid_t victim;
	bool good;

	count_all(&before);
	victim = start(scenario, letter, nth);
	waitpid(victim, &status, 0);
	*killed = read(killing, &state, sizeof state) == sizeof state && state.killed;
	/* The last lock may be that of its end. */
	good = status == 0 || (*killed && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	if (!good)
		printf("# %s, %c%u: status %x\n", scenarios[scenario].name, letter, nth, status);
	good &= put_in_order();
	if (!counts_come_back(&before, &after)) {
		printf("# %s, %c%u: not as before\n", scenarios[scenario].name, letter, nth);
		show_difference(&before, &after);
		good = false;
	}
	return good;
}

static unsigned chosen_scenario, chosen_class, kills, all_kills;
static bool all_good;

static void try_all(void)
{
	bool killed = true;

	all_good = true;
	kills = 0;
	for (unsigned nth = 1; killed && nth < POINTS_MAX; nth++) {
		all_good &= try_nth(chosen_scenario, classes[chosen_class].letter, nth, &killed);
		kills += killed;
	}
	all_good &= !killed;
	all_kills += kills;
}

int main(void)
{
	killing = open("/dev/killnth", O_RDWR);
	if (killing < 0) {
		ok(true, "nobody is killed on purpose in this kernel");
		return done_testing();
	}
	ok_errno(write(killing, "x1", 2), EINVAL, "a kind that there is none of");
	mkdir(PLACE, 0755);
	for (chosen_scenario = 0; chosen_scenario < sizeof scenarios / sizeof *scenarios;
	     chosen_scenario++)
		for (chosen_class = 0; chosen_class < sizeof classes / sizeof *classes;
		     chosen_class++) {
			ok_leaves_memory(try_all, "every page is back");
			ok(all_good, "%s: a process killed %s, %u times",
			   scenarios[chosen_scenario].name, classes[chosen_class].name, kills);
		}
	ok(all_kills >= LEAST, "%u were killed", all_kills);
	rmdir(PLACE);
	return done_testing();
}
