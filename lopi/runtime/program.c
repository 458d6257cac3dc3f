/*
 * The runtime of programs, on Linux and on Castle: threads from pthread, results in files when the
 * program ends. LOPI_OUT names the file of the results (lopi.out; a %p in it stands for the number
 * of the process); a child of fork adds its number, and so does a program whose file another one
 * has; a trace is beside it, with .trace.
 */
#include "signals.h"
#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PATH_ROOM = 4096, TEXT_ROOM = 16384 };

__thread struct lopi_thread lopi_thread;
/* longjmp and throw, by instrumented objects: returns that did not happen. */
LOPI_EXPORTED __thread uint32_t lopi_jumps;

void (*lopi_thread_end)(void);

static struct lopi_thread *threads;
static pthread_mutex_t threads_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_key_t key;
static char path[PATH_ROOM];
static int trace_file = -1;
static pid_t process; /* this one, which a child of vfork is not */

/* Text for the results' file. Not stdio's: a signal that ends the program may have come in there.
 */
static struct {
	int file, failed;
	size_t used;
	char text[TEXT_ROOM];
} results;

static struct {
	uint64_t cycles, nanoseconds;
} started;

void lopi_give_up(const char *text, size_t length)
{
	process = 0; /* no results */
	if (write(STDERR_FILENO, text, length) < 0)
		_exit(127);
	abort();
}

/* Not by stdio, see above. */
static void say(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		results.failed = 1;
}

/* --- threads --- */

/* A signal that ends the program wants the lock, too: it does not come while its thread has it. */
static void lock_threads(sigset_t *before)
{
	lopi_signals_block(before);
	pthread_mutex_lock(&threads_lock);
}

static void unlock_threads(const sigset_t *before)
{
	pthread_mutex_unlock(&threads_lock);
	lopi_signals_restore(before);
}

static char *thread_pointer(void)
{
	char *pointer;

	__asm__(LOPI_THREAD_POINTER : "=r"(pointer));
	return pointer;
}

void lopi_thread_register(void)
{
	struct lopi_thread *thread = &lopi_thread;
	sigset_t before;

	if (thread->pointer)
		return;
	lock_threads(&before);
	thread->pointer = thread_pointer();
	thread->number = ++lopi_totals.threads;
	thread->next = threads;
	threads = thread;
	unlock_threads(&before);
	if (process)
		pthread_setspecific(key, thread);
}

static void thread_remove(struct lopi_thread *thread)
{
	struct lopi_thread **link = &threads;

	while (*link && *link != thread)
		link = &(*link)->next;
	if (*link)
		*link = thread->next;
}

/* Other destructors may call instrumented functions after this one; then the thread comes back. */
static void thread_ends(void *argument)
{
	struct lopi_thread *thread = argument;
	sigset_t before;

	lock_threads(&before);
	lopi_totals_add(thread);
	lopi_totals.jumps += lopi_jumps;
	lopi_jumps = 0;
	thread_remove(thread);
	thread->pointer = NULL;
	unlock_threads(&before);
	if (lopi_thread_end)
		lopi_thread_end();
}

struct start {
	void *(*routine)(void *argument);
	void *argument;
};

static void *thread_starts(void *argument)
{
	struct start start = *(struct start *)argument;

	free(argument);
	lopi_thread_register();
	return start.routine(start.argument);
}

int lopi_thread_create(lopi_creator *create, pthread_t *thread, const pthread_attr_t *attributes,
		       void *(*routine)(void *argument), void *argument)
{
	struct start *start = malloc(sizeof(*start));
	int status;

	if (!start)
		return EAGAIN;
	start->routine = routine;
	start->argument = argument;
	status = create(thread, attributes, thread_starts, start);
	if (status != 0)
		free(start);
	return status;
}

/* Instrumented objects create threads with this. */
LOPI_EXPORTED int lopi_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
				      void *(*routine)(void *argument), void *argument)
{
	return lopi_thread_create(lopi_creator_of_system(), thread, attributes, routine, argument);
}

/* --- shared objects --- */

/* Their constructors call this, before any other thread has their code. */
void lopi_module_add(struct lopi_module *module)
{
	sigset_t before;

	module->records = lopi_pages_get(lopi_module_size(module));
	if (!module->records)
		LOPI_PROGRAM_WRONG("lopi: no memory for the results\n");
	lock_threads(&before);
	lopi_module_link(module);
	unlock_threads(&before);
}

/* --- results --- */

static void open_trace(void)
{
	char name[PATH_ROOM + 8];

	snprintf(name, sizeof(name), "%s.trace", path);
	trace_file = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
}

void lopi_trace_write(const void *events, size_t size)
{
	const char *rest = events;
	ssize_t written;

	if (trace_file < 0)
		open_trace();
	lopi_totals.traced = 1;
	for (; size; rest += written, size -= written) {
		written = write(trace_file, rest, size);
		if (written <= 0)
			LOPI_PROGRAM_WRONG("lopi: cannot write the trace\n");
	}
}

static void print_out(void)
{
	const char *rest = results.text;
	ssize_t written;

	for (; results.used && !results.failed; rest += written, results.used -= written) {
		written = write(results.file, rest, results.used);
		results.failed = written <= 0;
		written = written < 0 ? 0 : written;
	}
	results.used = 0;
}

void lopi_print(const char *format, ...)
{
	for (int again = 0; again < 2; again++) {
		size_t room = sizeof(results.text) - results.used;
		va_list arguments;
		int length;

		va_start(arguments, format);
		length = vsnprintf(results.text + results.used, room, format, arguments);
		va_end(arguments);
		if (length >= 0 && (size_t)length < room) {
			results.used += length;
			return;
		}
		print_out();
	}
	results.failed = 1;
}

void lopi_print_name(const char *name)
{
	for (; *name; name++) {
		if (results.used == sizeof(results.text))
			print_out();
		results.text[results.used++] = *name;
	}
}

/* Nanoseconds since some moment. */
static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void failed(const char *why)
{
	say("lopi: ");
	say(path);
	say(": ");
	say(why);
	say("\n");
}

static void write_results(void)
{
	results.file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (results.file < 0) {
		failed(strerror(errno));
		return;
	}
	results.failed = 0;
	lopi_results_print();
	print_out();
	if (close(results.file) != 0 || results.failed)
		failed("the results cannot be written");
}

/* May be called again, and then has the sum. A child of vfork, whose memory is its parent's, has no
 * results. */
void lopi_finish(void)
{
	sigset_t before;

	if (!lopi_totals.records || getpid() != process)
		return;
	lock_threads(&before);
	lopi_totals.jumps += lopi_jumps;
	lopi_jumps = 0;
	for (struct lopi_thread *thread = threads; thread; thread = thread->next)
		lopi_totals_add(thread);
	lopi_totals.cycles = lopi_cycles() - started.cycles;
	lopi_totals.nanoseconds = now() - started.nanoseconds;
	write_results();
	unlock_threads(&before);
}

__attribute__((destructor(101))) static void finish(void)
{
	lopi_finish();
}

/* Instrumented objects end the program with these. */
LOPI_EXPORTED __attribute__((noreturn)) void lopi__exit(int status)
{
	lopi_finish();
	_exit(status);
}

LOPI_EXPORTED __attribute__((noreturn)) void lopi__Exit(int status)
{
	lopi__exit(status);
}

/* The file of a process that is not the only one. */
static void add_number(void)
{
	char number[16];

	if (strlen(path) + sizeof(number) < sizeof(path)) {
		snprintf(number, sizeof(number), ".%d", (int)getpid());
		strcat(path, number);
	}
}

/* What the parent collected is the parent's. */
static void in_child(void)
{
	threads = NULL;
	lopi_trace_forget(&lopi_thread);
	if (lopi_thread.pointer)
		lopi_totals_add(&lopi_thread);
	lopi_thread.pointer = NULL;
	lopi_totals_clear();
	lopi_jumps = 0;
	pthread_mutex_init(&threads_lock, NULL);
	process = getpid();
	lopi_thread_register();
	if (trace_file >= 0)
		close(trace_file);
	trace_file = -1;
	lopi_results_disclaim();
	add_number();
}

/* Makes the name of the file; %p in what is wanted is this process's number. */
static void name_results(const char *wanted)
{
	size_t length = 0;

	for (; *wanted && length + 16 < sizeof(path); wanted++) {
		if (wanted[0] == '%' && wanted[1] == 'p') {
			length += snprintf(path + length, 16, "%d", (int)getpid());
			wanted++;
		} else {
			path[length++] = *wanted;
		}
	}
	if (*wanted)
		LOPI_PROGRAM_WRONG("lopi: LOPI_OUT is too long\n");
}

__attribute__((constructor(101))) static void start(void)
{
	const char *wanted = getenv("LOPI_OUT");

	lopi_totals.records = lopi_pages_get(lopi_totals_size());
	if (!lopi_totals.records)
		LOPI_PROGRAM_WRONG("lopi: no memory for the results\n");
	name_results(wanted && *wanted ? wanted : "lopi.out");
	if (!lopi_results_claim(path))
		add_number();
	pthread_key_create(&key, thread_ends);
	pthread_atfork(NULL, NULL, in_child);
	process = getpid();
	started.cycles = lopi_cycles();
	started.nanoseconds = now();
	lopi_thread_register();
	lopi_expect_end();
}
