/*
 * The runtime of programs, on Linux and on Castle: threads from pthread, results in files when the
 * program ends. LOPI_OUT names the file of the results (lopi.out); a child of fork adds its number,
 * and so does a program whose file another one has; a trace is beside it, with .trace.
 */
#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 };

__thread struct lopi_thread lopi_thread;
/* longjmp and throw, by instrumented objects: returns that did not happen. */
__thread uint32_t lopi_jumps __attribute__((visibility("hidden")));

void (*lopi_thread_end)(void);

static struct lopi_thread *threads;
static pthread_mutex_t threads_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_key_t key;
static FILE *results;
static char path[PATH_ROOM];
static int trace_file = -1;
static pid_t first_process;

void lopi_give_up(const char *text, size_t length)
{
	if (write(STDERR_FILENO, text, length) < 0)
		_exit(127);
	abort();
}

/* --- threads --- */

static char *thread_pointer(void)
{
	char *pointer;

	__asm__("movl %%gs:0, %0" : "=r"(pointer));
	return pointer;
}

void lopi_thread_register(void)
{
	struct lopi_thread *thread = &lopi_thread;

	if (thread->pointer)
		return;
	thread->pointer = thread_pointer();
	pthread_mutex_lock(&threads_lock);
	thread->number = ++lopi_totals.threads;
	thread->next = threads;
	threads = thread;
	pthread_mutex_unlock(&threads_lock);
	if (first_process)
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

	pthread_mutex_lock(&threads_lock);
	lopi_totals_add(thread);
	lopi_totals.jumps += lopi_jumps;
	lopi_jumps = 0;
	thread_remove(thread);
	pthread_mutex_unlock(&threads_lock);
	thread->pointer = NULL;
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

/* Instrumented objects create threads with this. */
__attribute__((visibility("hidden"))) int lopi_pthread_create(pthread_t *thread,
							      const pthread_attr_t *attributes,
							      void *(*routine)(void *argument),
							      void *argument)
{
	struct start *start = malloc(sizeof(*start));
	int status;

	if (!start)
		return EAGAIN;
	start->routine = routine;
	start->argument = argument;
	status = pthread_create(thread, attributes, thread_starts, start);
	if (status != 0)
		free(start);
	return status;
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

void lopi_print(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(results, format, arguments);
	va_end(arguments);
}

static void failed(void)
{
	fprintf(stderr, "lopi: %s: %s\n", path, strerror(errno));
}

__attribute__((destructor(101))) static void finish(void)
{
	if (!lopi_totals.records)
		return;
	pthread_mutex_lock(&threads_lock);
	lopi_totals.jumps += lopi_jumps;
	for (struct lopi_thread *thread = threads; thread; thread = thread->next)
		lopi_totals_add(thread);
	pthread_mutex_unlock(&threads_lock);
	results = fopen(path, "we");
	if (!results) {
		failed();
		return;
	}
	lopi_results_print();
	if (fclose(results) != 0)
		failed();
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
	lopi_thread_register();
	if (trace_file >= 0)
		close(trace_file);
	trace_file = -1;
	lopi_results_disclaim();
	add_number();
}

__attribute__((constructor(101))) static void start(void)
{
	const char *wanted = getenv("LOPI_OUT");

	lopi_totals.records = lopi_pages_get(lopi_totals_size());
	if (!lopi_totals.records)
		LOPI_PROGRAM_WRONG("lopi: no memory for the results\n");
	if (snprintf(path, sizeof(path), "%s", wanted && *wanted ? wanted : "lopi.out") >=
	    (int)sizeof(path))
		LOPI_PROGRAM_WRONG("lopi: LOPI_OUT is too long\n");
	if (!lopi_results_claim(path))
		add_number();
	pthread_key_create(&key, thread_ends);
	pthread_atfork(NULL, NULL, in_child);
	first_process = getpid();
	lopi_thread_register();
}
