/*
 * Every allocation of every call fails once, after Linux's fail-nth: the first one that a call
 * makes is refused, then the second, and so on until the call gets all that it wants. Each time the
 * error is one that the call may have, nothing of it is half done, and every page, object and
 * descriptor is there as before. In kernels without /dev/failnth (DEBUG=1 has it) there is nothing
 * to test.
 */
#include "common/counts.h"
#include "common/tap.h"

#include <castle/apkern.h>
#include <castle/castle.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRIES_MAX 60    /* no call makes so many allocations */
#define BIG       70000 /* bytes: more than a file's first index holds */
#define SIGNALLED 1000  /* a result: the child ended with this and the signal */

/* kernel/debug/nth.h. */
struct fail_state {
	uint32_t seen, refused;
};

static int failing = -1; /* /dev/failnth */
static char bytes[BIG];

/* --- the n-th --------------------------------------------------------------------------------- */

static void fail_from_now(unsigned nth)
{
	char digits[8];
	const int length = snprintf(digits, sizeof digits, "%u", nth);

	castle_call3(CASTLE_CALL_write, failing, (uint32_t)digits, length);
}

/* Whether one was refused. */
static bool fail_no_more(void)
{
	static struct fail_state state;

	castle_call3(CASTLE_CALL_write, failing, (uint32_t) "0", 1);
	castle_call3(CASTLE_CALL_read, failing, (uint32_t)&state, sizeof state);
	return state.refused;
}

/* --- the calls -------------------------------------------------------------------------------- */

static int result_fd = -1;

static int32_t open_new(void)
{
	return result_fd = castle_call3(CASTLE_CALL_open, (uint32_t) "/tmp/failnth/new",
					CASTLE_O_CREAT | CASTLE_O_RDWR, 0644);
}

static int32_t open_old(void)
{
	return result_fd = castle_call3(CASTLE_CALL_open, (uint32_t) "/tmp/failnth/old",
					CASTLE_O_RDWR, 0);
}

static int32_t open_device(void)
{
	return result_fd = castle_call3(CASTLE_CALL_open, (uint32_t)CASTLE_APKERN_DEVICE,
					CASTLE_O_RDWR, 0);
}

static int32_t open_null(void)
{
	return result_fd = castle_call3(CASTLE_CALL_open, (uint32_t) "/dev/null", CASTLE_O_RDWR, 0);
}

static void close_and_remove(void)
{
	close(result_fd);
	unlink("/tmp/failnth/new");
}

static int32_t make_folder(void)
{
	return castle_call2(CASTLE_CALL_mkdir, (uint32_t) "/tmp/failnth/new", 0755);
}

static void remove_folder(void)
{
	rmdir("/tmp/failnth/new");
}

static int32_t make_link(void)
{
	return castle_call2(CASTLE_CALL_link, (uint32_t) "/tmp/failnth/old",
			    (uint32_t) "/tmp/failnth/new");
}

static void remove_link(void)
{
	unlink("/tmp/failnth/new");
}

static int32_t rename_file(void)
{
	return castle_call2(CASTLE_CALL_rename, (uint32_t) "/tmp/failnth/old",
			    (uint32_t) "/tmp/failnth/new");
}

static void rename_back(void)
{
	rename("/tmp/failnth/new", "/tmp/failnth/old");
}

static bool new_is_absent(void)
{
	struct stat status;

	return stat("/tmp/failnth/new", &status) != 0 && stat("/tmp/failnth/old", &status) == 0;
}

/* All of it, or an error: a write that has done a part says how much. */
static int32_t write_much(void)
{
	const int32_t written =
		castle_call3(CASTLE_CALL_write, result_fd, (uint32_t)bytes, sizeof bytes);

	return written >= 0 && written < (int32_t)sizeof bytes ? -ENOSPC : written;
}

static int32_t write_beyond(void)
{
	castle_call3(CASTLE_CALL_lseek, result_fd, 3 * BIG, SEEK_SET);
	return castle_call3(CASTLE_CALL_write, result_fd, (uint32_t)bytes, 10);
}

static int32_t lengthen(void)
{
	return castle_call2(CASTLE_CALL_ftruncate, result_fd, BIG);
}

static void have_file(void)
{
	result_fd = open("/tmp/failnth/new", O_CREAT | O_RDWR, 0644);
	ftruncate(result_fd, 0);
}

static int32_t make_pipe(void)
{
	static int ends[2];
	const int32_t result = castle_call1(CASTLE_CALL_pipe, (uint32_t)ends);

	if (result == 0) {
		castle_call1(CASTLE_CALL_close, ends[0]);
		castle_call1(CASTLE_CALL_close, ends[1]);
	}
	return result;
}

static int32_t pipe_ends[2];

static void have_pipe(void)
{
	pipe((int *)pipe_ends);
}

static int32_t write_pipe(void)
{
	return castle_call3(CASTLE_CALL_write, pipe_ends[1], (uint32_t)bytes, 100);
}

static void close_pipe(void)
{
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

/* In a child whose table of descriptors is small. */
static int32_t child_result(int32_t (*call)(void))
{
	int status;
	const int pid = fork();

	if (pid == 0) {
		const int32_t result = call();

		fail_no_more();
		_exit(result < 0 ? -result : 0);
	}
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		return -SIGNALLED - WTERMSIG(status);
	return -WEXITSTATUS(status);
}

static int32_t fork_and_wait(void)
{
	static int status;
	const int32_t pid = castle_call0(CASTLE_CALL_fork);

	if (pid == 0)
		castle_call1(CASTLE_CALL_exit, 0);
	if (pid > 0)
		waitpid(pid, &status, 0);
	return pid;
}

static int32_t spawn_with(const struct castle_spawn *request)
{
	static char *arguments[] = { "true", "some", "more", NULL };
	static int status;
	const int32_t pid =
		castle_call4(CASTLE_CALL_spawn, (uint32_t) "/bin/true", (uint32_t)arguments,
			     (uint32_t)arguments, (uint32_t)request);

	if (pid > 0)
		waitpid(pid, &status, 0);
	return pid;
}

static int32_t spawn_simply(void)
{
	return spawn_with(NULL);
}

static int32_t spawn_with_actions(void)
{
	static struct castle_spawn_action actions[] = {
		{ CASTLE_SPAWN_OPEN, 0, 9, (uint32_t) "/tmp/failnth/old", CASTLE_O_RDWR, 0 },
		{ CASTLE_SPAWN_DUP2, 9, 40, 0, 0, 0 },
	};
	static struct castle_spawn request = { 2, (uint32_t)actions, -1 };

	return spawn_with(&request);
}

static int32_t send_to_self(void)
{
	static struct castle_message message = { .size = 4 };
	int32_t result;

	message.to = castle_call0(CASTLE_CALL_getpid);
	result = castle_call1(CASTLE_CALL_send, (uint32_t)&message);
	if (result > 0)
		castle_call2(CASTLE_CALL_receive, (uint32_t)&message, CASTLE_NOWAIT);
	return result;
}

static void thread_code(void)
{
	for (;;)
		castle_call1(CASTLE_CALL_thread_exit, 0);
}

static int32_t make_thread(void)
{
	static struct castle_thread request = { .entry = (uint32_t)thread_code };

	return castle_call1(CASTLE_CALL_thread_create, (uint32_t)&request);
}

static int32_t account(void)
{
	return castle_call2(CASTLE_CALL_account, CASTLE_ACCOUNT_START, (uint32_t) "failnth");
}

static void account_over(void)
{
	struct castle_account sum;

	castle_account_stop(&sum);
}

/* --- in a child: what changes the process for good ----------------------------------------------
 */

static unsigned child_nth;

static int32_t duplicate_high(void)
{
	fail_from_now(child_nth);
	return castle_call2(CASTLE_CALL_dup2, 1, 200);
}

/* The eighth descriptor is the last one that needs no table of its own. */
static int32_t duplicate_beyond(void)
{
	int32_t fd;

	do
		fd = castle_call1(CASTLE_CALL_dup, 1);
	while (fd >= 0 && fd < 7);
	fail_from_now(child_nth);
	fd = castle_call1(CASTLE_CALL_dup, 1);
	return fd < 0 || fd == 8 ? fd : -EBADF;
}

static void catch (int signal)
{
	(void)signal;
}

static int32_t first_handler(void)
{
	static const struct castle_sigaction action = { .handler = (uint32_t) catch };

	fail_from_now(child_nth);
	return castle_call3(CASTLE_CALL_sigaction, SIGUSR1, (uint32_t)&action, 0);
}

static int32_t replace_program(void)
{
	static char *arguments[] = { "true", "some", "more", NULL };

	fail_from_now(child_nth);
	return castle_call3(CASTLE_CALL_exec, (uint32_t) "/bin/true", (uint32_t)arguments,
			    (uint32_t)arguments);
}

/* Memory is given when it is touched: who gets none ends with SIGSEGV. */
static int32_t touch_memory(void)
{
	const uint32_t end = castle_call1(CASTLE_CALL_brk, 0);

	castle_call1(CASTLE_CALL_brk, end + 0x800000);
	fail_from_now(child_nth);
	*(volatile char *)(end + 0x10000) = 1;
	*(volatile char *)(end + 0x700000) = 1;
	return 0;
}

static int32_t touch_for_kernel(void)
{
	const uint32_t end = castle_call1(CASTLE_CALL_brk, 0);
	int32_t result;

	castle_call1(CASTLE_CALL_brk, end + 0x800000);
	fail_from_now(child_nth);
	result = castle_call2(CASTLE_CALL_getcwd, end + 0x700000, 100);
	return result > 0 ? 0 : result;
}

static int32_t use_fpu(void)
{
	fail_from_now(child_nth);
	__asm__ volatile("fld1; fstp %%st" : : : "st");
	return 0;
}

/* --- the table -------------------------------------------------------------------------------- */

static void nothing(void)
{
}

struct scenario {
	const char *name;
	int32_t (*call)(void);
	void (*before)(void), (*undo)(void);
	bool (*undone)(void); /* whether nothing was half done, where that can be seen */
	bool in_child;        /* the call arms by itself, in a child */
	int16_t errors[4];    /* besides ENOMEM */
};

static const struct scenario scenarios[] = {
	{ "open, of a new file",
	  open_new,
	  nothing,
	  close_and_remove,
	  new_is_absent,
	  false,
	  { ENOSPC } },
	{ "open", open_old, nothing, close_and_remove, NULL, false, { 0 } },
	{ "open of a device", open_null, nothing, close_and_remove, NULL, false, { 0 } },
	{ "open of the application kernel",
	  open_device,
	  nothing,
	  close_and_remove,
	  NULL,
	  false,
	  { ENODEV, ENOENT } },
	{ "mkdir", make_folder, nothing, remove_folder, new_is_absent, false, { ENOSPC } },
	{ "link", make_link, nothing, remove_link, new_is_absent, false, { ENOSPC } },
	{ "rename", rename_file, nothing, rename_back, new_is_absent, false, { ENOSPC } },
	{ "write", write_much, have_file, close_and_remove, NULL, false, { ENOSPC } },
	{ "write behind the end",
	  write_beyond,
	  have_file,
	  close_and_remove,
	  NULL,
	  false,
	  { ENOSPC } },
	{ "ftruncate", lengthen, have_file, close_and_remove, NULL, false, { ENOSPC } },
	{ "pipe", make_pipe, nothing, nothing, NULL, false, { 0 } },
	{ "write to a pipe", write_pipe, have_pipe, close_pipe, NULL, false, { ENOSPC } },
	{ "fork", fork_and_wait, nothing, nothing, NULL, false, { EAGAIN } },
	{ "spawn", spawn_simply, nothing, nothing, NULL, false, { EAGAIN } },
	{ "spawn with actions", spawn_with_actions, nothing, nothing, NULL, false, { EAGAIN } },
	{ "send", send_to_self, nothing, nothing, NULL, false, { 0 } },
	{ "thread_create", make_thread, nothing, nothing, NULL, false, { EAGAIN } },
	{ "account", account, nothing, account_over, NULL, false, { 0 } },
	{ "dup2 to a high number", duplicate_high, nothing, nothing, NULL, true, { 0 } },
	{ "dup beyond the eighth", duplicate_beyond, nothing, nothing, NULL, true, { 0 } },
	{ "sigaction", first_handler, nothing, nothing, NULL, true, { 0 } },
	{ "exec", replace_program, nothing, nothing, NULL, true, { 0 } },
	{ "touching memory", touch_memory, nothing, nothing, NULL, true, { SIGNALLED + SIGSEGV } },
	{ "getcwd to new memory", touch_for_kernel, nothing, nothing, NULL, true, { EFAULT } },
	{ "the first floating-point instruction",
	  use_fpu,
	  nothing,
	  nothing,
	  NULL,
	  true,
	  { SIGNALLED + SIGSEGV } },
};

static bool is_allowed(const struct scenario *scenario, int32_t result)
{
	if (result == -ENOMEM)
		return true;
	for (int i = 0; i < 4; i++)
		if (scenario->errors[i] && result == -scenario->errors[i])
			return true;
	return false;
}

static int32_t call_once(const struct scenario *scenario, unsigned nth, bool *refused)
{
	int32_t result;

	if (scenario->in_child) {
		child_nth = nth;
		result = child_result(scenario->call);
	} else {
		fail_from_now(nth);
		result = scenario->call();
	}
	*refused = fail_no_more();
	return result;
}

/* Refuses the n-th; false: what came of it is wrong. */
static bool try_nth(const struct scenario *scenario, unsigned nth, bool *refused)
{
	static struct count before, after;
	int32_t result;
	bool good;

	count_all(&before);
	scenario->before();
	result = call_once(scenario, nth, refused);
	good = result >= 0 || is_allowed(scenario, result);
	if (!*refused && !scenario->in_child)
		good = result >= 0 || is_allowed(scenario, result);
	if (!good)
		printf("# %s, allocation %u: result %d\n", scenario->name, nth, (int)result);
	if (result < 0 && scenario->undone && !scenario->undone()) {
		printf("# %s, allocation %u: half done\n", scenario->name, nth);
		good = false;
	}
	if (result >= 0 || scenario->before != nothing)
		scenario->undo();
	if (!counts_come_back(&before, &after)) {
		printf("# %s, allocation %u: not as before\n", scenario->name, nth);
		show_difference(&before, &after);
		good = false;
	}
	return good;
}

static const struct scenario *current;
static bool all_good;
static unsigned refusals;

static void try_all(void)
{
	bool refused = true;

	all_good = true;
	refusals = 0;
	for (unsigned nth = 1; refused && nth < TRIES_MAX; nth++) {
		all_good &= try_nth(current, nth, &refused);
		refusals += refused;
	}
	all_good &= !refused;
}

static void have_place(void)
{
	mkdir("/tmp/failnth", 0755);
	close(open("/tmp/failnth/old", O_CREAT | O_RDWR, 0644));
}

int main(void)
{
	failing = open("/dev/failnth", O_RDWR);
	if (failing < 0) {
		ok(true, "no allocations fail on purpose in this kernel");
		return done_testing();
	}
	have_place();
	memset(bytes, 'x',
	       sizeof bytes); /* memory that is not there would be allocated in the call */
	for (unsigned i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
		current = &scenarios[i];
		ok_leaves_memory(try_all, current->name);
		ok(all_good, "%s, with each of %u allocations refused once", current->name,
		   refusals);
	}
	return done_testing();
}
