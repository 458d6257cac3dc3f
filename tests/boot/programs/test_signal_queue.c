/*
 * Real-time signals and what comes with signals: values, senders, addresses, children; waiting for
 * them; stacks for handlers.
 */
#include "common/guard.h"
#include "common/tap.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define VALUES 5

static volatile int numbers[16], values[16], came;
static volatile siginfo_t last;

static void note(int number, siginfo_t *information, void *context)
{
	(void)context;
	numbers[came % 16] = number;
	values[came % 16] = information->si_value.sival_int;
	last = *information;
	came++;
}

static void handle(int signal, int flags)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | flags };

	action.sa_sigaction = note;
	sigemptyset(&action.sa_mask);
	sigaction(signal, &action, NULL);
}

static sigset_t set_of(int first, int second)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, first);
	if (second)
		sigaddset(&set, second);
	return set;
}

static int queue(int signal, int value)
{
	return sigqueue(getpid(), signal, (union sigval){ .sival_int = value });
}

/* Each one comes, in order, the lowest number first. */
static void test_queue(void)
{
	const sigset_t set = set_of(SIGRTMIN + 1, SIGRTMIN + 2);
	sigset_t pending;
	int right = 0;

	handle(SIGRTMIN + 1, 0);
	handle(SIGRTMIN + 2, 0);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < VALUES; i++) {
		queue(SIGRTMIN + 2, 100 + i);
		queue(SIGRTMIN + 1, i);
	}
	ok_is(came, 0, "signals that are blocked wait");
	sigpending(&pending);
	ok(pending == set, "sigpending() names both");
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	ok_is(came, 2 * VALUES, "each one comes");
	for (int i = 0; i < 2 * VALUES; i++)
		right += last.si_code == SI_QUEUE && last.si_pid == getpid();
	ok_is(right, 2 * VALUES, "with its sender");
	right = 0;
	for (int i = 0, low = 0, high = 100; i < 2 * VALUES; i++)
		right += numbers[i] == SIGRTMIN + 1 ? values[i] == low++ : values[i] == high++;
	ok_is(right, 2 * VALUES, "each signal's values in order");
	sigpending(&pending);
	ok(pending == 0, "nothing is left");
	ok_is(sigqueue(getpid(), 0, (union sigval){ 0 }), 0, "sigqueue() of no signal");
	ok_errno(sigqueue(getpid(), 64, (union sigval){ 0 }), EINVAL, "of a signal there is not");
	ok_errno(sigqueue(99999, SIGRTMIN, (union sigval){ 0 }), ESRCH, "to nobody");
}

/* The queue has an end, and what was in it is all there. */
static void test_full(void)
{
	const sigset_t set = set_of(SIGRTMIN + 1, 0);
	int sent = 0, error;

	came = 0;
	sigprocmask(SIG_BLOCK, &set, NULL);
	while (queue(SIGRTMIN + 1, sent) == 0)
		sent++;
	error = errno;
	ok_is(error, EAGAIN, "the queue is full some time");
	ok(sent >= 32, "%d signals are in it", sent);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	ok_is(came, sent, "all of them come");
}

static void test_wait(void)
{
	const sigset_t set = set_of(SIGRTMIN + 3, SIGUSR2);
	const struct timespec none = { 0, 0 }, short_time = { 0, 30000000 };
	siginfo_t information = { 0 };
	pid_t child;

	sigprocmask(SIG_BLOCK, &set, NULL);
	ok_errno(sigtimedwait(&set, &information, &none), EAGAIN, "none is there");
	ok_errno(sigtimedwait(&set, &information, &short_time), EAGAIN, "none comes in time");
	queue(SIGRTMIN + 3, 7);
	ok_is(sigwaitinfo(&set, &information), SIGRTMIN + 3, "one that was there");
	ok(information.si_value.sival_int == 7 && information.si_code == SI_QUEUE,
	   "with its value");
	child = fork();
	if (child == 0) {
		usleep(20000);
		sigqueue(getppid(), SIGRTMIN + 3, (union sigval){ .sival_int = 8 });
		_exit(0);
	}
	ok_is(sigwaitinfo(&set, &information), SIGRTMIN + 3, "one that comes later");
	ok(information.si_value.sival_int == 8 && information.si_pid == child, "and from whom");
	guard_wait(child);
	child = fork();
	if (child == 0) {
		usleep(20000);
		kill(getppid(), SIGUSR2);
		_exit(0);
	}
	ok_is(sigwaitinfo(&set, &information), SIGUSR2, "a signal without a queue");
	ok(information.si_code == SI_USER && information.si_pid == child, "by kill()");
	guard_wait(child);
}

/* SIGCHLD, which is ignored without a handler, waits while it is blocked. */
static void test_children(void)
{
	const sigset_t set = set_of(SIGCHLD, 0);
	siginfo_t information = { 0 };
	pid_t child;

	sigprocmask(SIG_BLOCK, &set, NULL);
	child = fork();
	if (child == 0)
		_exit(0);
	guard_wait(child);
	ok_is(sigwaitinfo(&set, NULL), SIGCHLD, "SIGCHLD came before the wait");
	handle(SIGCHLD, 0);
	child = fork();
	if (child == 0)
		_exit(3);
	ok_is(sigwaitinfo(&set, &information), SIGCHLD, "and with a handler");
	ok(information.si_pid == child && information.si_status == 3 &&
		   information.si_code == CLD_EXITED,
	   "it tells of the child: %d %d %d", information.si_pid, information.si_status,
	   information.si_code);
	guard_wait(child);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void end_of_default(void)
{
	kill(getpid(), SIGRTMIN + 9);
	usleep(1000);
}

static void end_of_ignored(void)
{
	signal(SIGRTMIN + 9, SIG_IGN);
	kill(getpid(), SIGRTMIN + 9);
	usleep(1000);
	execl("/bin/true", "true", NULL);
}

static void test_defaults(void)
{
	ok_is(guard_child(end_of_default), SIGRTMIN + 9, "the default ends the process");
	ok_is(guard_child(end_of_ignored), 0, "it can be ignored");
}

static pthread_t second;
static volatile int in_second;

static void note_thread(int number)
{
	(void)number;
	in_second = pthread_equal(pthread_self(), second);
}

static void *wait_for_signal(void *argument)
{
	const sigset_t set = set_of(SIGRTMIN + 4, 0);

	(void)argument;
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	for (int i = 0; i < 3000 && !in_second; i++)
		usleep(10000);
	return NULL;
}

static void test_threads(void)
{
	const sigset_t set = set_of(SIGRTMIN + 4, 0);

	signal(SIGRTMIN + 4, note_thread);
	sigprocmask(SIG_BLOCK, &set, NULL);
	queue(SIGRTMIN + 4, 1);
	pthread_create(&second, NULL, wait_for_signal, NULL);
	pthread_join(second, NULL);
	ok(in_second, "a thread that lets the signal in takes it");
}

static char other_stack[SIGSTKSZ];
static volatile int on_stack, in_use, refused;
static volatile uint32_t fault_address;

static void overflowed(int number, siginfo_t *information, void *context)
{
	char here;

	(void)number, (void)context;
	fault_address = (uintptr_t)information->si_addr;
	on_stack = &here >= other_stack && &here < other_stack + sizeof other_stack;
	_exit(on_stack && information->si_code == SEGV_MAPERR && fault_address ? 42 : 1);
}

__attribute__((noinline)) static int deeper(volatile char *above)
{
	volatile char here[4096];

	here[0] = above[0] | 1;
	return here[0] ? deeper(here) + here[0] : 0;
}

static void overflow(void)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK };
	const stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof other_stack };
	volatile char first[1] = { 0 };

	sigaltstack(&stack, NULL);
	action.sa_sigaction = overflowed;
	sigaction(SIGSEGV, &action, NULL);
	deeper(first);
}

static void look_at_stack(int number)
{
	const stack_t none = { .ss_flags = SS_DISABLE };
	stack_t stack;
	char here;

	(void)number;
	on_stack = &here >= other_stack && &here < other_stack + sizeof other_stack;
	sigaltstack(NULL, &stack);
	in_use = stack.ss_flags == SS_ONSTACK;
	refused = sigaltstack(&none, NULL) == -1 && errno == EPERM;
}

static void test_stack(void)
{
	const stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof other_stack };
	const stack_t small = { .ss_sp = other_stack, .ss_size = 100 };
	struct sigaction action = { .sa_flags = SA_ONSTACK };
	stack_t old;

	ok_is(sigaltstack(NULL, &old), 0, "ask for the other stack");
	ok_is(old.ss_flags, SS_DISABLE, "there is none");
	ok_errno(sigaltstack(&small, NULL), ENOMEM, "a small one is refused");
	ok_is(sigaltstack(&stack, NULL), 0, "set one");
	action.sa_handler = look_at_stack;
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	ok(on_stack, "the handler runs there");
	ok(in_use, "and is told so");
	ok(refused, "it cannot be changed meanwhile");
	action.sa_flags = 0;
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	ok(!on_stack && !in_use, "without SA_ONSTACK it does not");
	ok_is(guard_exit(overflow), 42, "a stack that is used up is told of on the other");
}

/* A child that ends with signals in its queue. */
static void leave_some(void)
{
	const sigset_t set = set_of(SIGRTMIN, 0);
	const pid_t child = fork();

	if (child == 0) {
		sigprocmask(SIG_BLOCK, &set, NULL);
		for (int i = 0; i < VALUES; i++)
			queue(SIGRTMIN, i);
		_exit(0);
	}
	guard_wait(child);
}

int main(void)
{
	test_queue();
	test_full();
	test_wait();
	test_children();
	test_defaults();
	test_threads();
	test_stack();
	ok_leaves_memory(leave_some, "what was in the queue goes with the process");
	return done_testing();
}
