/*
 * Steps of several calls that make sense together, so that what comes after a success is reached
 * too: blocked calls, descriptors closed under them, children, threads, memory that runs out.
 */
#include "fuzz.h"

#include <castle/apkern.h>
#include <castle/castle.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define DESCRIPTORS_MANY 40
#define HOG_STEP         (64 * 4096u)
#define CHILD_STEPS      12
#define WAIT_STEP_US     2000
#define WAIT_STEPS       4 /* of a tick each, in truth */
#define WAIT_YIELDS      300

void await_child(int pid)
{
	for (int i = 0; i < WAIT_YIELDS + WAIT_STEPS; i++) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		if (i < WAIT_YIELDS)
			castle_call0(CASTLE_CALL_yield);
		else
			usleep(WAIT_STEP_US);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void be_child(uint32_t stream)
{
	own.calls = 0;
	own.pids[0] = getpid();
	own.tids[0] = castle_gettid();
	for (uint32_t i = 0; i < CHILD_STEPS; i++)
		step_perform(stream, i);
	tell_calls();
	_exit(0);
}

/* A family: the child makes steps of its own, and is waited for, killed, or left alone. */
static void fork_child(struct chance *chance)
{
	const uint32_t stream = draw(chance), way = below(chance, 4);
	const int pid = fork();

	if (pid == 0)
		be_child(stream);
	if (pid < 0)
		return;
	own_child_add(chance, pid);
	if (way == 0)
		kill(pid, SIGKILL);
	if (way < 3)
		await_child(pid);
}

static void *follow_steps(void *argument)
{
	struct chance chance = { (uint32_t)argument };
	const uint32_t stream = draw(&chance);

	for (uint32_t i = 0; i < CHILD_STEPS / 2; i++)
		step_perform(stream, i);
	return NULL;
}

static void thread_child(struct chance *chance)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, follow_steps, (void *)(draw(chance) | 1)) != 0)
		return;
	if (once_in(chance, 3))
		pthread_join(thread, NULL);
	else
		pthread_detach(thread);
}

/* Data goes through a pipe, of which an end may be closed meanwhile by another thread's step. */
static void pipe_data(struct chance *chance)
{
	int ends[2];
	const uint32_t size = value_of(chance, 'S');

	if (pipe(ends) != 0)
		return;
	if (once_in(chance, 3))
		fcntl(ends[below(chance, 2)], F_SETFL, O_NONBLOCK);
	make_call(CASTLE_CALL_write, ends[1], pointer_of(chance), size % 6000, 0);
	if (once_in(chance, 3))
		close(ends[1]);
	make_call(CASTLE_CALL_read, ends[0], pointer_of(chance), value_of(chance, 'S'), 0);
	if (once_in(chance, 4))
		make_call(CASTLE_CALL_read, ends[0], pointer_of(chance), 1, 0); /* may block */
	if (once_in(chance, 4))
		close(ends[0]);
	make_call(CASTLE_CALL_write, ends[1], pointer_of(chance), size,
		  0); /* may block, or SIGPIPE */
	if (once_in(chance, 4))
		return; /* left open */
	close(ends[0]);
	close(ends[1]);
}

static void file_data(struct chance *chance)
{
	const int fd = open((const char *)value_of(chance, 'N'), O_RDWR | O_CREAT, 0644);

	if (fd < 0)
		return;
	for (uint32_t times = 1 + below(chance, 4); times > 0; times--) {
		make_call(CASTLE_CALL_write, fd, pointer_of(chance), value_of(chance, 'S') % 20000,
			  0);
		make_call(CASTLE_CALL_lseek, fd, below(chance, 30000), below(chance, 3), 0);
		make_call(CASTLE_CALL_read, fd, pointer_of(chance), value_of(chance, 'S'), 0);
		make_call(CASTLE_CALL_ftruncate, fd, below(chance, 30000), 0, 0);
	}
	if (below(chance, 8))
		close(fd);
}

/* Waits on a word and wakes its waiters; a waiter that nobody wakes is interrupted in the end. */
static void futex_pair(struct chance *chance)
{
	uint32_t *const word = (uint32_t *)&ONE_OF(chance, own.words);
	const uint32_t seen = *word;

	if (once_in(chance, 2)) {
		__atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST);
		make_call(CASTLE_CALL_futex_wake, (uint32_t)word, below(chance, 4), 0, 0);
	} else {
		make_call(CASTLE_CALL_futex_wait, (uint32_t)word, seen,
			  once_in(chance, 8) ? 0 : value_of(chance, 'T'), 0);
	}
}

static void signals_exchanged(struct chance *chance)
{
	const uint32_t signal = value_of(chance, 'G');

	make_call(CASTLE_CALL_sigaction, signal, value_of(chance, 'A'), 0, 0);
	if (once_in(chance, 2))
		make_call(CASTLE_CALL_thread_kill, value_of(chance, 'Y'), signal, 0, 0);
	else
		make_call(CASTLE_CALL_kill, value_of(chance, 'Q'), signal, 0, 0);
	if (once_in(chance, 4))
		make_call(CASTLE_CALL_sigsuspend, 0, 0, 0, 0);
}

static void messages_exchanged(struct chance *chance)
{
	for (uint32_t times = 1 + below(chance, 6); times > 0; times--)
		make_call(CASTLE_CALL_send, value_of(chance, 'M'), 0, 0, 0);
	make_call(CASTLE_CALL_receive, pointer_of(chance), below(chance, 8) ? CASTLE_NOWAIT : 0, 0,
		  0);
}

/* All descriptors that there are, or many of them. */
static void descriptors_run_out(struct chance *chance)
{
	const uint32_t count = once_in(chance, 4) ? CASTLE_OPEN_MAX : DESCRIPTORS_MANY;

	for (uint32_t i = 0; i < count; i++)
		if (make_call(CASTLE_CALL_dup, below(chance, 8), 0, 0, 0) < 0)
			break;
	for (uint32_t fd = 14; fd < count; fd++)
		if (fd != 31)
			make_call(CASTLE_CALL_close, fd, 0, 0, 0);
}

/* A child takes memory until there is none, holds it for a moment, and ends in one way or other. */
static void memory_runs_out(struct chance *chance)
{
	const uint32_t hold = below(chance, 20000);
	const int pid = fork();

	if (pid == 0) {
		uint32_t end = castle_call1(CASTLE_CALL_brk, 0);

		while ((int32_t)castle_call1(CASTLE_CALL_brk, end + HOG_STEP) != -12 &&
		       end < CASTLE_HEAP_END - HOG_STEP) {
			for (uint32_t page = 0; page < HOG_STEP; page += 4096)
				*(volatile char *)(end + page) = 1;
			end += HOG_STEP;
		}
		usleep(hold);
		_exit(0);
	}
	if (pid > 0 && once_in(chance, 2))
		await_child(pid);
}

/* Whatever an application thread's pair consists of is there to be overwritten, while in use. */
static void stack_overwritten(struct chance *chance)
{
	volatile uint32_t *const top = (uint32_t *)CASTLE_STACK_END;

	for (uint32_t times = below(chance, 3); times > 0; times--)
		top[-1 - (int32_t)below(chance, 520)] = draw(chance);
}

/* The driver of the application kernel, called as its library does, on a descriptor of its own. */
static void driver_called(struct chance *chance)
{
	const int fd = open(CASTLE_APKERN_DEVICE, O_RDWR);
	const uint32_t area = place_of(chance);
	int32_t thread;

	if (fd < 0)
		return;
	thread = make_call(CASTLE_CALL_ioctl, fd, CASTLE_APKERN_THREAD_CREATE, area, 0);
	for (uint32_t times = below(chance, 6); times > 0; times--) {
		const uint32_t request = CASTLE_APKERN_THREAD_EX_REGS + below(chance, 6);
		const bool takes_thread = request > CASTLE_APKERN_THREAD_GET_REGS;

		/* Waiting in the driver without a message is for those that can be interrupted. */
		make_call(CASTLE_CALL_ioctl, fd, request,
			  takes_thread && below(chance, 8) ? (uint32_t)thread
							   : value_of(chance, 'J'),
			  0);
		*(volatile uint32_t *)(area + 4 * below(chance, 12)) = draw(chance);
	}
	if (below(chance, 8))
		close(fd);
}

static void program_started(struct chance *chance)
{
	char *arguments[] = { "true", NULL };
	const int32_t pid =
		make_call(CASTLE_CALL_spawn, (uint32_t) "/bin/true", (uint32_t)arguments, 0,
			  once_in(chance, 2) ? 0 : value_of(chance, 'W'));

	own_child_add(chance, pid);
	if (pid > 0 && once_in(chance, 2))
		await_child(pid);
}

static void program_replaced(struct chance *chance)
{
	char *arguments[] = { "true", NULL };
	const bool in_child = below(chance, 8);
	const int pid = in_child ? fork() : 0;

	if (pid == 0) {
		make_call(CASTLE_CALL_exec, (uint32_t) "/bin/true", (uint32_t)arguments, 0, 0);
		if (in_child)
			_exit(0);
	} else if (pid > 0) {
		await_child(pid);
	}
}

/* A descriptor on which others may be blocked is closed, or becomes another one. */
static void descriptor_taken_away(struct chance *chance)
{
	const uint32_t fd = 3 + below(chance, 10);

	if (once_in(chance, 2))
		make_call(CASTLE_CALL_close, fd, 0, 0, 0);
	else
		make_call(CASTLE_CALL_dup2, below(chance, 3), fd, 0, 0);
}

static void end_of_all(struct chance *chance)
{
	if (once_in(chance, 8))
		make_call(CASTLE_CALL_exit, below(chance, 256), 0, 0, 0);
}

const struct kind scenario_kinds[] = {
	{ "fork-child", 8, fork_child },
	{ "thread-child", 6, thread_child },
	{ "pipe-data", 10, pipe_data },
	{ "file-data", 8, file_data },
	{ "futex-pair", 8, futex_pair },
	{ "signals-exchanged", 6, signals_exchanged },
	{ "messages-exchanged", 4, messages_exchanged },
	{ "descriptors-run-out", 1, descriptors_run_out },
	{ "memory-runs-out", 1, memory_runs_out },
	{ "stack-overwritten", 1, stack_overwritten },
	{ "driver-called", 3, driver_called },
	{ "program-started", 3, program_started },
	{ "program-replaced", 2, program_replaced },
	{ "descriptor-taken-away", 8, descriptor_taken_away },
	{ "end-of-all", 1, end_of_all },
	{ "calls-in-row", 30, calls_in_row },
	{ 0 },
};
