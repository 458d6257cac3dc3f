/*
 * Calls at random: children with threads that make any call with any arguments, good, bad and
 * nearly good ones, until they end or are killed. Whatever they do is theirs alone: the machine
 * lives, no process is left, and every page comes back. What a child does follows from the seed and
 * its number; how its threads meet does not.
 */
#include "common/guard.h"
#include "common/tap.h"

#include <castle/apkern.h>
#include <castle/castle.h>
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

#define ROUNDS       100
#define THREADS_MAX  4
#define CALLS        400
#define LIFE_US      150000 /* of a child that does not end by itself */
#define ORPHAN_TRIES 500    /* to end them, a hundredth of a second apart */
#define PLACE        "/tmp/random"

static uint32_t seed = 1, rounds = ROUNDS;
static int processes_before;

/* G. Marsaglia: Xorshift RNGs, 2003. */
static uint32_t next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static uint32_t below(uint32_t *state, uint32_t limit)
{
	return next(state) % limit;
}

/* --- arguments -------------------------------------------------------------------------------- */

static const char *const paths[] = {
	"a",
	"b",
	"c",
	"a/x",
	"b/x",
	"a/y",
	"a/../b",
	".",
	"..",
	"",
	"/",
	"a/b/c",
	"x/",
	"c/",
	"//a//x",
	"a/x/..",
	"/tmp/random/a",
	"/none/x",
	"/tmp/random",
};
#define PATH_COUNT (sizeof paths / sizeof *paths)

/* Those that are opened and looked at only, never renamed or removed. */
static const char *const open_paths[] = {
	"/dev/null", "/bin/true", "/dev/console", CASTLE_APKERN_DEVICE, "/bin", "/share/hello.txt",
};
#define OPEN_PATH_COUNT (sizeof open_paths / sizeof *open_paths)

static char memory[4 * 4096] __attribute__((aligned(4096)));
static uint32_t words[16];

static uint32_t number(uint32_t *state)
{
	static const uint32_t odd[] = {
		0,          1,          2,          3,          4,          7,          8,
		31,         32,         33,         255,        256,        4095,       4096,
		4097,       65535,      65536,      0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe,
		0xffffffff, 0x00100000, 0x40000000, 0x400ff000, 0x7fffffff, 0x800fffff, 0x80100000,
		0x803ffffc, 0x80400000, 0xbffffffc, 0xc0000000, 0xfeffffff, 0xff000000,
	};

	return below(state, 3) ? odd[below(state, sizeof odd / sizeof *odd)] : next(state);
}

/* Mostly memory of the program's; sometimes its end, or anything. */
static uint32_t pointer(uint32_t *state)
{
	switch (below(state, 8)) {
	case 0:
		return number(state);
	case 1:
		return (uint32_t)memory + sizeof memory - below(state, 16);
	case 2:
		return (uint32_t)castle_call1(CASTLE_CALL_brk, 0) - below(state, 64);
	case 3:
		return (uint32_t)&words[below(state, 16)];
	default:
		return (uint32_t)memory + (below(state, sizeof memory / 2) & ~3u);
	}
}

static uint32_t path(uint32_t *state)
{
	return below(state, 12) ? (uint32_t)paths[below(state, PATH_COUNT)] : pointer(state);
}

static uint32_t descriptor(uint32_t *state)
{
	return below(state, 12) ? below(state, 14) : number(state);
}

static uint32_t size(uint32_t *state)
{
	return below(state, 6) ? below(state, 9000) : number(state);
}

/* A short time, mostly. */
static uint32_t timeout(uint32_t *state)
{
	static const struct castle_timespec times[] = {
		{ 0, 0 },          { 0, 1 }, { 0, 1000000 },    { 0, 999999999 },
		{ 0, 1000000000 }, { 5, 0 }, { 0xffffffff, 0 },
	};

	if (below(state, 10) == 0)
		return pointer(state);
	return (uint32_t)&times[below(state, 4) ? below(state, 3) : below(state, 7)];
}

/* --- calls ------------------------------------------------------------------------------------ */

static void catch (int signal)
{
	(void)signal;
}

static uint32_t signal_number(uint32_t *state)
{
	static const uint8_t usual[] = { SIGUSR1, SIGUSR2, SIGCHLD, SIGPIPE, SIGTERM, SIGALRM };

	return below(state, 4) ? usual[below(state, sizeof usual)] : below(state, 40);
}

static void call_kill(uint32_t *state)
{
	const uint32_t signal = signal_number(state);

	/* SIGKILL would end too many too early. */
	if (signal != SIGKILL || below(state, 20) == 0)
		castle_call2(CASTLE_CALL_kill, castle_call0(CASTLE_CALL_getpid), signal);
}

static void call_action(uint32_t *state)
{
	if (below(state, 3))
		signal(1 + below(state, 31), below(state, 4) ? catch : SIG_IGN);
	else
		castle_call3(CASTLE_CALL_sigaction, number(state), pointer(state), pointer(state));
}

static void call_fork(uint32_t *state)
{
	const int pid = fork();

	if (pid == 0) {
		if (below(state, 2))
			usleep(below(state, 20000));
		_exit(below(state, 256));
	}
	if (pid > 0 && below(state, 2))
		waitpid(pid, NULL, below(state, 2) ? WNOHANG : 0);
}

static void call_spawn(uint32_t *state)
{
	struct castle_spawn_action actions[3];
	struct castle_spawn request = { .priority = below(state, 40) - 2,
					.action_count = below(state, 4),
					.actions = (uint32_t)actions };
	char *arguments[] = { "true", NULL };

	for (int i = 0; i < 3; i++)
		actions[i] = (struct castle_spawn_action){
			.action = below(state, 4),
			.fd = descriptor(state),
			.new_fd = descriptor(state),
			.path = path(state),
			.flags = number(state),
		};
	castle_call4(CASTLE_CALL_spawn, below(state, 4) ? (uint32_t) "/bin/true" : path(state),
		     below(state, 4) ? (uint32_t)arguments : pointer(state),
		     below(state, 3) ? 0 : pointer(state),
		     below(state, 4) ? (uint32_t)&request : pointer(state));
}

static void call_exec(uint32_t *state)
{
	char *arguments[] = { "true", NULL };

	if (below(state, 60) == 0)
		castle_call3(CASTLE_CALL_exec, (uint32_t) "/bin/true", (uint32_t)arguments, 0);
	else
		castle_call3(CASTLE_CALL_exec, path(state), pointer(state), pointer(state));
}

static void *end_at_once(void *argument)
{
	return argument;
}

static void call_thread(uint32_t *state)
{
	pthread_t thread;

	if (below(state, 3) == 0) {
		castle_call1(CASTLE_CALL_thread_create, number(state) & 0xfffff000);
	} else if (pthread_create(&thread, NULL, end_at_once, NULL) == 0) {
		if (below(state, 2))
			pthread_join(thread, NULL);
		else
			pthread_detach(thread);
	}
}

static void call_message(uint32_t *state)
{
	struct castle_message message = { .to = castle_call0(CASTLE_CALL_getpid) };

	if (below(state, 4) == 0)
		message.to = number(state) | 0x40000000;
	if (below(state, 2))
		castle_call1(CASTLE_CALL_send, (uint32_t)&message);
	else
		castle_call2(CASTLE_CALL_receive,
			     below(state, 3) ? (uint32_t)&message : pointer(state),
			     below(state, 3) ? CASTLE_NOWAIT : number(state));
}

static void call_open(uint32_t *state)
{
	const uint32_t flags = below(state, 3) ? (next(state) & 0x244f0f) : number(state);

	castle_call3(CASTLE_CALL_open,
		     below(state, 3) ? path(state)
				     : (uint32_t)open_paths[below(state, OPEN_PATH_COUNT)],
		     flags, number(state));
}

static void call_pipe(uint32_t *state)
{
	castle_call1(CASTLE_CALL_pipe, pointer(state));
}

static void call_futex(uint32_t *state)
{
	uint32_t *const word = &words[below(state, 16)];

	switch (below(state, 4)) {
	case 0:
		castle_call3(CASTLE_CALL_futex_wait, pointer(state), number(state), timeout(state));
		break;
	case 1:
		castle_call3(CASTLE_CALL_futex_wait, (uint32_t)word, *word, timeout(state));
		break;
	case 2:
		(*word)++;
		castle_call2(CASTLE_CALL_futex_wake, (uint32_t)word, number(state));
		break;
	default:
		castle_call2(CASTLE_CALL_futex_wake, pointer(state), number(state));
	}
}

static void call_sleep(uint32_t *state)
{
	castle_call2(CASTLE_CALL_nanosleep, timeout(state), pointer(state));
}

static void call_mask(uint32_t *state)
{
	words[0] = next(state);
	castle_call3(CASTLE_CALL_sigprocmask, below(state, 4), (uint32_t)words, pointer(state));
}

static void call_break(uint32_t *state)
{
	const uint32_t end = castle_call1(CASTLE_CALL_brk, 0);

	castle_call1(CASTLE_CALL_brk, below(state, 2) ? end + below(state, 100000) : number(state));
}

/* What has a descriptor, a pointer or a path, and numbers. */
static void call_any(uint32_t *state)
{
	static const struct {
		uint8_t number;
		char arguments[4]; /* d, p(ointer), n(ame), s(ize), number */
	} calls[] = {
		{ CASTLE_CALL_read, "dps" },    { CASTLE_CALL_write, "dps" },
		{ CASTLE_CALL_close, "d" },     { CASTLE_CALL_lseek, "d##" },
		{ CASTLE_CALL_fstat, "dp" },    { CASTLE_CALL_stat, "np" },
		{ CASTLE_CALL_unlink, "n" },    { CASTLE_CALL_link, "nn" },
		{ CASTLE_CALL_rename, "nn" },   { CASTLE_CALL_mkdir, "n#" },
		{ CASTLE_CALL_rmdir, "n" },     { CASTLE_CALL_getdents, "dps" },
		{ CASTLE_CALL_dup, "d" },       { CASTLE_CALL_dup2, "dd" },
		{ CASTLE_CALL_fcntl, "d##" },   { CASTLE_CALL_ftruncate, "ds" },
		{ CASTLE_CALL_ioctl, "d#p" },   { CASTLE_CALL_chdir, "n" },
		{ CASTLE_CALL_getcwd, "ps" },   { CASTLE_CALL_chmod, "n#" },
		{ CASTLE_CALL_truncate, "ns" }, { CASTLE_CALL_utime, "np" },
		{ CASTLE_CALL_info, "#ps" },    { CASTLE_CALL_clock_gettime, "#p" },
		{ CASTLE_CALL_wait, "#p#" },    { CASTLE_CALL_yield, "" },
		{ CASTLE_CALL_mark, "p" },      { CASTLE_CALL_account, "#p" },
		{ CASTLE_CALL_COUNT, "###" },   { 255, "###" },
	};
	const uint32_t index = below(state, sizeof calls / sizeof *calls);
	uint32_t values[4] = { 0 };

	for (int i = 0; i < 3 && calls[index].arguments[i]; i++)
		switch (calls[index].arguments[i]) {
		case 'd':
			values[i] = descriptor(state);
			break;
		case 'p':
			values[i] = pointer(state);
			break;
		case 'n':
			values[i] = path(state);
			break;
		case 's':
			values[i] = size(state);
			break;
		default:
			values[i] = number(state);
		}
	castle_call4(calls[index].number, values[0], values[1], values[2], values[3]);
}

static void call_apkern(uint32_t *state)
{
	castle_call3(CASTLE_CALL_ioctl, descriptor(state),
		     CASTLE_APKERN_THREAD_CREATE + below(state, 8), pointer(state));
}

static void (*const makers[])(uint32_t *state) = {
	call_any,    call_any,     call_any,    call_any,   call_any,    call_any,
	call_any,    call_kill,    call_action, call_fork,  call_spawn,  call_exec,
	call_thread, call_message, call_open,   call_open,  call_pipe,   call_futex,
	call_futex,  call_sleep,   call_mask,   call_break, call_apkern,
};

/* --- children --------------------------------------------------------------------------------- */

static void *make_calls(void *argument)
{
	uint32_t state = (uint32_t)argument;

	for (int i = 0; i < CALLS; i++)
		makers[below(&state, sizeof makers / sizeof *makers)](&state);
	return NULL;
}

/* Descriptors 0 to 2 are not the console's: what comes out there is for the test alone. */
static __attribute__((noreturn)) void be_random(uint32_t child)
{
	uint32_t state = (seed * 1000003 + child) * 2654435761u | 1, threads;
	pthread_t thread;
	int fd;

	next(&state);
	mkdir(PLACE, 0755);
	chdir(PLACE);
	fd = open("/dev/null", O_RDWR);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	threads = below(&state, THREADS_MAX + 1);
	for (uint32_t i = 0; i < threads; i++)
		pthread_create(&thread, NULL, make_calls, (void *)(next(&state) | 1));
	make_calls((void *)(next(&state) | 1));
	_exit(0);
}

static void remove_all(void)
{
	static const char *const places[] = { PLACE,      "/tmp",     "/",
					      PLACE "/a", PLACE "/b", PLACE "/c",
					      "/tmp/a",   "/tmp/b",   "/tmp/c" };
	static const char *const names[] = { "a", "b", "c", "x", "y" };
	char name[64];

	for (int times = 0; times < 6; times++)
		for (unsigned place = 0; place < sizeof places / sizeof *places; place++)
			for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
				snprintf(name, sizeof name, "%s/%s/x", places[place], names[i]);
				unlink(name);
				rmdir(name);
				snprintf(name, sizeof name, "%s/%s", places[place], names[i]);
				unlink(name);
				rmdir(name);
			}
	rmdir(PLACE);
}

static int process_list(struct castle_process_info **list)
{
	static struct castle_process_info processes[256];

	*list = processes;
	return castle_info(CASTLE_INFO_PROCESSES, processes, sizeof processes) /
	       (int)sizeof *processes;
}

static int process_count(void)
{
	struct castle_process_info *processes;

	return process_list(&processes);
}

/*
 * What a child leaves to init may go on for ever, and rightly so: a handler of SIGSEGV that returns
 * to the fault, or a library whose lists the child has overwritten. All of them have higher numbers
 * than this process, and nobody else starts any.
 */
static void kill_orphans(void)
{
	struct castle_process_info *processes;
	const int count = process_list(&processes);

	for (int i = 0; i < count; i++)
		if (processes[i].pid > getpid())
			kill(processes[i].pid, SIGKILL);
}

static void run_child(uint32_t child)
{
	const pid_t pid = fork();

	if (pid == 0)
		be_random(child);
	for (int waited = 0; waited < LIFE_US; waited += 10000) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return;
		usleep(10000);
	}
	kill(pid, SIGKILL);
	guard_wait(pid);
}

static void run(void)
{
	for (uint32_t i = 0; i < rounds; i++)
		run_child(i);
	for (int tries = 0; tries < ORPHAN_TRIES && process_count() != processes_before; tries++) {
		kill_orphans();
		usleep(10000);
	}
	remove_all();
}

int main(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "-s") == 0)
			seed = strtoul(argv[i + 1], NULL, 10);
		if (strcmp(argv[i], "-n") == 0)
			rounds = strtoul(argv[i + 1], NULL, 10);
	}
	processes_before = process_count();
	ok_leaves_memory(run, "processes that make calls at random leave no memory behind");
	ok_is(process_count(), processes_before, "and no process");
	return done_testing();
}
