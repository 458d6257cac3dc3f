/*
 * Signals: handlers, masks, what interrupts a wait, and frames that were tampered with.
 */
#include "common/tap.h"

#include <castle/castle.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int caught, count;

static void catch (int signal)
{
	caught = signal;
	count++;
}

static void set_handler(int signal, void (*handler)(int))
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_handler = handler;
	sigaction(signal, &action, NULL);
}

static void test_handler(void)
{
	struct sigaction old;

	set_handler(SIGUSR1, catch);
	ok_is(raise(SIGUSR1), 0, "raise");
	ok_is(caught, SIGUSR1, "the handler has run");
	sigaction(SIGUSR1, NULL, &old);
	ok(old.sa_handler == catch, "sigaction tells the handler");
	set_handler(SIGUSR1, SIG_IGN);
	count = 0;
	kill(getpid(), SIGUSR1);
	ok_is(count, 0, "an ignored signal does nothing");
	struct sigaction action = { .sa_handler = catch };
	ok_errno(sigaction(SIGKILL, &action, NULL), EINVAL, "SIGKILL cannot be caught");
	ok_errno(sigaction(0, &action, NULL), EINVAL, "sigaction with no such signal");
	ok_errno(sigaction(NSIG, &action, NULL), EINVAL, "nor this one");
}

static void test_mask(void)
{
	sigset_t set, old;

	set_handler(SIGUSR2, catch);
	count = 0;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	ok_is(sigprocmask(SIG_BLOCK, &set, NULL), 0, "block a signal");
	kill(getpid(), SIGUSR2);
	ok_is(count, 0, "it waits");
	sigprocmask(SIG_BLOCK, NULL, &old);
	ok(sigismember(&old, SIGUSR2) == 1, "the mask can be read");
	ok_is(sigprocmask(SIG_UNBLOCK, &set, NULL), 0, "unblock it");
	ok_is(count, 1, "it is delivered");
	ok_errno(sigprocmask(77, &set, NULL), EINVAL, "sigprocmask with no such way");
}

static void test_interrupted_sleep(void)
{
	const pid_t parent = getpid();
	const struct timespec long_time = { 100, 0 };
	struct timespec left = { 0, 0 };
	pid_t pid;

	set_handler(SIGUSR1, catch);
	pid = fork();
	if (pid == 0) {
		usleep(30000);
		kill(parent, SIGUSR1);
		_exit(0);
	}
	ok_errno(nanosleep(&long_time, &left), EINTR, "a signal ends a sleep");
	ok(left.tv_sec >= 98 && left.tv_sec < 100, "which tells how much was left");
	waitpid(pid, NULL, 0);
}

static void test_suspend(void)
{
	const pid_t parent = getpid();
	sigset_t set, none;
	pid_t pid;

	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	count = 0;
	pid = fork();
	if (pid == 0) {
		kill(parent, SIGUSR1);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	ok_is(count, 0, "the signal waits while blocked");
	ok_errno(sigsuspend(&none), EINTR, "sigsuspend waits for it");
	ok_is(count, 1, "and lets it in");
	sigprocmask(SIG_BLOCK, NULL, &set);
	ok(sigismember(&set, SIGUSR1) == 1, "the old mask is back");
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void do_nothing(void)
{
}

static void test_child_signal(void)
{
	set_handler(SIGCHLD, catch);
	caught = 0;
	in_child(do_nothing);
	ok_is(caught, SIGCHLD, "the end of a child sends SIGCHLD");
	set_handler(SIGCHLD, SIG_DFL);
	signal(SIGCHLD, SIG_IGN);
	if (fork() == 0)
		_exit(0);
	ok_errno(waitpid(-1, NULL, 0), ECHILD, "who ignores SIGCHLD has no zombies");
	signal(SIGCHLD, SIG_DFL);
}

static void catch_fault(int signal)
{
	_exit(signal == SIGSEGV ? 55 : 1);
}

static void fault_with_handler(void)
{
	set_handler(SIGSEGV, catch_fault);
	__asm__ volatile("movl $4, %%eax; movl (%%eax), %%eax" : : : "eax");
}

static void fault_in_handler(int signal)
{
	(void)signal;
	__asm__ volatile("ud2");
}

static void double_fault(void)
{
	set_handler(SIGILL, fault_in_handler);
	__asm__ volatile("ud2");
}

/* sigreturn() with whatever lies on the stack must not give the program more than it may have. */
static void sigreturn_garbage(void)
{
	__asm__ volatile("pushl $-1; pushl $-1; pushl $-1; pushl $-1; pushl $-1; pushl $-1\n\t"
			 "movl %0, %%eax; int $0x80"
			 :
			 : "i"(CASTLE_CALL_sigreturn)
			 : "eax", "memory");
}

static void sigreturn_nowhere(void)
{
	__asm__ volatile("movl $0x1000, %%esp; movl %0, %%eax; int $0x80"
			 :
			 : "i"(CASTLE_CALL_sigreturn)
			 : "eax");
}

static void handler_without_stack(void)
{
	set_handler(SIGUSR1, catch);
	__asm__ volatile("movl $0x1000, %%esp; movl %0, %%eax; int $0x80"
			 :
			 : "i"(CASTLE_CALL_kill), "b"(getpid()), "S"(SIGUSR1)
			 : "eax");
}

static void test_faults(void)
{
	int status = in_child(fault_with_handler);

	ok(WIFEXITED(status) && WEXITSTATUS(status) == 55, "a handler for SIGSEGV");
	status = in_child(double_fault);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGILL, "a fault in its own handler");
	ok(WIFSIGNALED(in_child(sigreturn_garbage)), "sigreturn with garbage");
	ok(WIFSIGNALED(in_child(sigreturn_nowhere)), "sigreturn without a stack");
	ok(WIFSIGNALED(in_child(handler_without_stack)), "a handler without a stack");
}

static void kill_self(void)
{
	kill(getpid(), SIGKILL);
}

static void test_default(void)
{
	const int status = in_child(kill_self);

	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "SIGKILL to oneself");
	ok_is(kill(getpid(), SIGCONT), 0, "SIGCONT does nothing by default");
}

int main(void)
{
	test_handler();
	test_mask();
	test_interrupted_sleep();
	test_suspend();
	test_child_signal();
	test_faults();
	test_default();
	return done_testing();
}
