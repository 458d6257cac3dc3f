/*
 * Stopping and continuing: what SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU and SIGCONT do, what the parent
 * is told, what a stopped process can still get, and what becomes of those whom nobody can
 * continue.
 */
#include "common/handlers.h"
#include "common/tap.h"

#include <castle/castle.h>
#include <castle/info.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define MOMENT    30000 /* microseconds, in which what must not happen would have */
#define PROCESSES 64
#define THREADS   3

static int pipe_in[2], pipe_out[2]; /* to a child, and from it */
static volatile sig_atomic_t caught, news;

static void on_signal(int signal)
{
	caught = signal;
}

static void on_child(int signal)
{
	(void)signal;
	news++;
}

static void pipes_open(void)
{
	pipe(pipe_in);
	pipe(pipe_out);
	fcntl(pipe_out[0], F_SETFL, O_NONBLOCK);
}

static void pipes_close(void)
{
	for (int end = 0; end < 2; end++) {
		close(pipe_in[end]);
		close(pipe_out[end]);
	}
}

static void say(char byte)
{
	write(pipe_out[1], &byte, 1);
}

/* What the child has said last; 0: nothing. */
static char heard(void)
{
	char byte = 0;

	while (read(pipe_out[0], &byte, 1) > 0)
		;
	return byte;
}

static char hear(void)
{
	char byte;

	while (!(byte = heard()))
		usleep(1000);
	return byte;
}

/* A child in a group of its own. */
static pid_t start(void (*child)(void))
{
	const pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		child();
		_exit(0);
	}
	setpgid(pid, pid);
	return pid;
}

/* The word of wait(), once there is news; -1: there is none for now. */
static int status_of(pid_t pid, int options)
{
	int status = -1;

	while (waitpid(pid, &status, options) < 0 && errno == EINTR)
		;
	return status;
}

static void ok_stopped(pid_t pid, int signal, const char *name)
{
	const int status = status_of(pid, WUNTRACED);

	ok(WIFSTOPPED(status) && WSTOPSIG(status) == signal && !WIFEXITED(status) &&
		   !WIFSIGNALED(status) && !WIFCONTINUED(status),
	   "%s", name);
}

static void ok_continued(pid_t pid, const char *name)
{
	const int status = status_of(pid, WCONTINUED);

	ok(WIFCONTINUED(status) && !WIFSTOPPED(status) && !WIFEXITED(status) &&
		   !WIFSIGNALED(status),
	   "%s", name);
}

static void ok_ended(pid_t pid, int signal, const char *name)
{
	ok_is(status_of(pid, 0), signal, name);
}

static struct castle_process_info described(pid_t pid)
{
	static struct castle_process_info all[PROCESSES];
	const int size = castle_info(CASTLE_INFO_PROCESSES, all, sizeof all);

	for (int i = 0; i < PROCESSES && i < size / (int)sizeof all[0]; i++)
		if (all[i].pid == pid)
			return all[i];
	return (struct castle_process_info){ .state = 0 };
}

static void child_wait(void)
{
	say('w');
	for (;;)
		pause();
}

static void test_told(void)
{
	const pid_t pid = start(child_wait);

	ok_is(kill(pid, SIGSTOP), 0, "stopping a child");
	ok_stopped(pid, SIGSTOP, "wait() tells of it");
	ok_is(status_of(pid, WUNTRACED | WCONTINUED | WNOHANG), -1, "once");
	ok_is(described(pid).state, 'T', "and so does ps");
	kill(pid, SIGSTOP);
	ok_is(status_of(pid, WUNTRACED | WNOHANG), -1, "a second SIGSTOP is no news");
	ok_is(kill(pid, SIGCONT), 0, "continuing it");
	ok_is(status_of(pid, WUNTRACED | WNOHANG), -1, "is nothing that WUNTRACED tells of");
	ok_continued(pid, "but WCONTINUED");
	usleep(MOMENT);
	ok_is(described(pid).state, 'S', "it waits as before");
	kill(pid, SIGCONT);
	ok_is(status_of(pid, WCONTINUED | WNOHANG), -1, "a second SIGCONT is no news");
	kill(pid, SIGTERM);
	ok_ended(pid, SIGTERM, "and it ends by a signal, as any");
	ok_errno(waitpid(-1, NULL, 4), EINVAL, "no other options");
}

static void *compute(void *argument)
{
	for (volatile unsigned i = 0;; i++)
		;
	return argument;
}

static void child_compute(void)
{
	pthread_t thread;

	for (int i = 1; i < THREADS; i++)
		pthread_create(&thread, NULL, compute, NULL);
	say('c');
	compute(NULL);
}

/* A thread on the application kernel runs on until it calls the kernel; so these are not there. */
static void child_compute_natively(void)
{
	dup2(pipe_out[1], 1);
	setenv("NOAPPKERN", "1", 1);
	execl("/bin/test_stop", "test_stop", "compute", NULL);
}

static uint32_t ticks_within(pid_t pid, unsigned microseconds)
{
	const uint32_t before = described(pid).user_ticks;

	usleep(microseconds);
	return described(pid).user_ticks - before;
}

static void test_computing(void)
{
	const pid_t pid = start(child_compute_natively);

	hear();
	kill(pid, SIGSTOP);
	ok_stopped(pid, SIGSTOP, "three threads that compute are stopped");
	usleep(MOMENT);
	ok_is(ticks_within(pid, 5 * MOMENT), 0, "none of them runs");
	kill(pid, SIGCONT);
	while (ticks_within(pid, MOMENT) == 0)
		;
	ok_continued(pid, "they go on");
	kill(pid, SIGSTOP);
	kill(pid, SIGKILL);
	ok_ended(pid, SIGKILL, "and end while they are stopped");
}

static void child_read(void)
{
	char byte = '-';

	say('r');
	say(read(pipe_in[0], &byte, 1) == 1 ? byte : 'f');
	pause();
}

static void child_sleep(void)
{
	struct timespec request = { 0, 3 * MOMENT * 1000 };

	say('s');
	say(nanosleep(&request, NULL) == 0 ? 'd' : 'f');
	pause();
}

static void test_calls(void)
{
	pid_t pid = start(child_read);

	hear();
	usleep(MOMENT);
	kill(pid, SIGSTOP);
	write(pipe_in[1], "x", 1);
	usleep(MOMENT);
	ok_is(heard(), 0, "a read that ends while its process is stopped: nobody sees it");
	kill(pid, SIGCONT);
	ok_is(hear(), 'x', "until it is continued");
	kill(pid, SIGKILL);
	status_of(pid, 0);
	pid = start(child_read);
	hear();
	kill(pid, SIGSTOP);
	kill(pid, SIGCONT);
	usleep(MOMENT);
	ok_is(heard(), 0, "stopping ends no read");
	write(pipe_in[1], "y", 1);
	ok_is(hear(), 'y', "which reads what comes later");
	kill(pid, SIGKILL);
	status_of(pid, 0);
	pid = start(child_sleep);
	hear();
	kill(pid, SIGSTOP);
	usleep(MOMENT);
	kill(pid, SIGCONT);
	ok_is(hear(), 'd', "nor a sleep");
	kill(pid, SIGKILL);
	status_of(pid, 0);
}

static void child_catch(void)
{
	set_handler(SIGUSR1, on_signal);
	set_handler(SIGTSTP, on_signal);
	set_handler(SIGCONT, on_signal);
	for (;;) {
		say('w');
		pause();
		say(caught == SIGUSR1 ? 'u' : caught == SIGTSTP ? 't' : 'c');
	}
}

static void test_signals_meanwhile(void)
{
	pid_t pid = start(child_wait);

	hear();
	kill(pid, SIGSTOP);
	kill(pid, SIGTERM);
	ok_stopped(pid, SIGSTOP, "a stopped process");
	usleep(MOMENT);
	ok_is(status_of(pid, WNOHANG), -1, "does not end by SIGTERM");
	kill(pid, SIGCONT);
	ok_ended(pid, SIGTERM, "before it is continued");

	pid = start(child_catch);
	hear();
	usleep(MOMENT);
	kill(pid, SIGSTOP);
	kill(pid, SIGUSR1);
	usleep(MOMENT);
	ok_is(heard(), 0, "nor does a handler run");
	kill(pid, SIGCONT);
	usleep(MOMENT);
	ok(hear() == 'w', "before that");
	kill(pid, SIGTSTP);
	usleep(MOMENT);
	ok_is(status_of(pid, WUNTRACED | WNOHANG), -1, "SIGTSTP with a handler does not stop");
	kill(pid, SIGKILL);
	ok_ended(pid, SIGKILL, "SIGKILL ends it at once");
}

static void child_hold(void)
{
	mask(SIG_BLOCK, SIGTSTP);
	say('h');
	read(pipe_in[0], &(char){ 0 }, 1);
	mask(SIG_UNBLOCK, SIGTSTP);
	say('o');
	pause();
}

static void test_pending(void)
{
	pid_t pid = start(child_hold);

	hear();
	kill(pid, SIGTSTP);
	usleep(MOMENT);
	ok_is(status_of(pid, WUNTRACED | WNOHANG), -1, "SIGTSTP can be blocked");
	write(pipe_in[1], "x", 1);
	ok_stopped(pid, SIGTSTP, "and stops when it no longer is");
	ok_is(heard(), 0, "at once");
	kill(pid, SIGCONT);
	ok_is(hear(), 'o', "and the process goes on behind that");
	kill(pid, SIGKILL);
	status_of(pid, 0);

	pid = start(child_hold);
	hear();
	kill(pid, SIGTSTP);
	kill(pid, SIGCONT);
	write(pipe_in[1], "x", 1);
	ok_is(hear(), 'o', "SIGCONT takes a pending one away");
	kill(pid, SIGKILL);
	status_of(pid, 0);
}

static void test_sigchld(void)
{
	struct sigaction action = { .sa_handler = on_child }, old;
	const pid_t pid = start(child_wait);

	hear();
	sigaction(SIGCHLD, &action, NULL);
	kill(pid, SIGSTOP);
	ok_stopped(pid, SIGSTOP, "the parent gets SIGCHLD");
	ok_is(news, 1, "when a child stops");
	kill(pid, SIGCONT);
	ok_continued(pid, "and");
	ok_is(news, 2, "when it goes on");
	action.sa_flags = SA_NOCLDSTOP;
	sigaction(SIGCHLD, &action, NULL);
	sigaction(SIGCHLD, NULL, &old);
	ok_is(old.sa_flags, SA_NOCLDSTOP, "which SA_NOCLDSTOP");
	ok(!sigismember(&old.sa_mask, SIGHUP) && old.sa_mask == 0, "and no mask");
	kill(pid, SIGSTOP);
	kill(pid, SIGCONT);
	ok_is(news, 2, "spares it");
	kill(pid, SIGKILL);
	ok_ended(pid, SIGKILL, "but");
	ok_is(news, 3, "not the end");
	signal(SIGCHLD, SIG_DFL);
}

/* Stops a child of its own, in a group of its own, says so, and leaves it alone. */
static void child_leave(void)
{
	const pid_t pid = start(child_wait);

	kill(pid, SIGSTOP);
	waitpid(pid, NULL, WUNTRACED);
	say('l');
	read(pipe_in[0], &(char){ 0 }, 1);
}

/* Goes back to its parent's group once the parent, too, has put it into one of its own. */
static void child_in_parents_group(void)
{
	read(pipe_in[0], &(char){ 0 }, 1);
	setpgid(0, getpgid(getppid()));
	raise(SIGTSTP);
	raise(SIGTTIN);
	raise(SIGTTOU);
	say('n');
}

static void test_orphans(void)
{
	char byte;
	pid_t pid = start(child_leave);

	while (hear() != 'l')
		;
	write(pipe_in[1], "x", 1);
	ok_ended(pid, 0, "a parent ends before its child, which is stopped");
	close(pipe_out[1]);
	fcntl(pipe_out[0], F_SETFL, 0);
	ok_is(read(pipe_out[0], &byte, 1), 0, "and ends, too, by SIGHUP and SIGCONT");
	pipes_close();
	pipes_open();
	pid = start(child_in_parents_group);
	write(pipe_in[1], "x", 1);
	ok_ended(pid, 0, "the terminal's signals stop no process that nobody could continue");
	ok_is(heard(), 'n', "(that is what it did)");
}

static void child_read_terminal(void)
{
	char byte;

	say(read(0, &byte, 1) < 0 && errno == EIO ? 'e' : 'r');
}

static void child_read_ignoring(void)
{
	signal(SIGTTIN, SIG_IGN);
	child_read_terminal();
}

static void child_set_terminal(void)
{
	struct termios settings;

	tcgetattr(0, &settings);
	say(tcsetattr(0, TCSANOW, &settings) == 0 ? 's' : 'f');
	signal(SIGTTOU, SIG_IGN);
	say(tcsetattr(0, TCSANOW, &settings) == 0 ? 's' : 'f');
}

static void test_terminal(void)
{
	pid_t pid;

	tcsetpgrp(0, getpgrp());
	pid = start(child_read_terminal);
	ok_stopped(pid, SIGTTIN, "a process that reads the terminal in the background is stopped");
	kill(pid, SIGTTIN);
	kill(pid, SIGCONT);
	ok_stopped(pid, SIGTTIN, "again, if it is continued there");
	tcsetpgrp(0, pid);
	kill(pid, SIGCONT);
	ok_continued(pid, "in the foreground");
	usleep(MOMENT);
	ok_is(status_of(pid, WUNTRACED | WNOHANG), -1, "it waits for input");
	kill(pid, SIGKILL);
	ok_ended(pid, SIGKILL, "until it is ended");
	ok_is(tcgetpgrp(0), getpgrp(), "a group that is gone is not in the foreground");
	tcsetpgrp(0, getpgrp());
	pid = start(child_read_ignoring);
	ok_ended(pid, 0, "one that ignores SIGTTIN");
	ok_is(hear(), 'e', "gets an error");
	pid = start(child_set_terminal);
	ok_stopped(pid, SIGTTOU,
		   "a process that changes the terminal in the background is stopped");
	ok_is(heard(), 0, "before that");
	tcsetpgrp(0, pid);
	kill(pid, SIGCONT);
	ok_ended(pid, 0, "in the foreground it may,");
	ok_is(hear(), 's', "and does");
	tcsetpgrp(0, 0);
}

int main(int argc, char *argv[])
{
	static void (*const tests[])(void) = {
		test_told,    test_computing, test_calls,   test_signals_meanwhile,
		test_pending, test_sigchld,   test_orphans, test_terminal,
	};

	(void)argv;
	if (argc > 1) {
		pipe_out[1] = 1;
		child_compute();
	}
	for (unsigned i = 0; i < sizeof tests / sizeof tests[0]; i++) {
		pipes_open();
		tests[i]();
		pipes_close();
	}
	return done_testing();
}
