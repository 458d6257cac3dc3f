/*
 * The runtime of Linux programs: pages from mmap, threads from pthread, results in files when the
 * program ends. LOPI_OUT names the file of the results (lopi.out); a child of fork adds its number,
 * and a trace is beside it, with .trace.
 */
#define _GNU_SOURCE
#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 };

__thread struct lopi_thread lopi_thread;
/* longjmp and throw, by instrumented objects: returns that did not happen. */
__thread uint32_t lopi_jumps __attribute__((visibility("hidden")));

void (*lopi_thread_end)(void);

static struct lopi_thread *threads;
static pthread_mutex_t threads_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_key_t key;
static uint32_t thread_count;
static struct lopi_record *totals;
static struct lopi_arcs total_arcs;
static uint64_t lost, jumps;
static char path[PATH_ROOM];
static int trace_file = -1;
static pid_t first_process;

void *lopi_pages_get(size_t size)
{
	int saved = errno;
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	errno = saved;
	return pages == MAP_FAILED ? NULL : pages;
}

void lopi_pages_put(void *pages, size_t size)
{
	munmap(pages, size);
}

void lopi_give_up(const char *text, size_t length)
{
	if (write(STDERR_FILENO, text, length) < 0)
		_exit(127);
	abort();
}

static size_t function_count(void)
{
	return __stop_lopi_functions - __start_lopi_functions;
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
	thread->number = ++thread_count;
	thread->next = threads;
	threads = thread;
	pthread_mutex_unlock(&threads_lock);
	if (first_process)
		pthread_setspecific(key, thread);
}

void lopi_totals_add(struct lopi_thread *thread)
{
	for (size_t index = 0; index < function_count(); index++) {
		struct lopi_record *record =
			(struct lopi_record *)(thread->pointer +
					       __start_lopi_functions[index].record);

		totals[index].calls += record->calls;
		totals[index].cycles += record->cycles;
		totals[index].self += record->self;
		totals[index].value += record->value;
		record->calls = record->cycles = record->self = record->value = 0;
	}
	for (uint32_t index = 0; index < thread->arcs.size; index++) {
		struct lopi_arc *arc = &thread->arcs.table[index];

		if (arc->callee)
			lopi_arcs_add(&total_arcs, arc->caller, arc->callee, arc->calls,
				      arc->cycles);
		arc->calls = arc->cycles = 0;
	}
	lopi_trace_flush(thread);
	lost += thread->lost;
	thread->lost = 0;
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
	jumps += lopi_jumps;
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

void lopi_trace_flush(struct lopi_thread *thread)
{
	size_t size = thread->event_count * sizeof(*thread->events);
	int saved = errno;

	if (!size)
		return;
	thread->event_count = 0;
	if (trace_file < 0)
		open_trace();
	if (write(trace_file, thread->events, size) != (ssize_t)size)
		LOPI_PROGRAM_WRONG("lopi: cannot write the trace\n");
	errno = saved;
}

static const char *name_of(uint32_t record)
{
	for (size_t index = 0; index < function_count(); index++) {
		if (__start_lopi_functions[index].record == record)
			return __start_lopi_functions[index].name;
	}
	return "-";
}

static void write_results(FILE *file)
{
	fprintf(file, "lopi 1\nthreads %u\njumps %llu\nlost %llu\n", thread_count,
		(unsigned long long)jumps, (unsigned long long)lost);
	for (size_t index = 0; index < function_count(); index++) {
		const struct lopi_function *function = &__start_lopi_functions[index];

		fprintf(file, "function %u %llu %llu %llu %u %s\n", function->record,
			(unsigned long long)totals[index].calls,
			(unsigned long long)totals[index].cycles,
			(unsigned long long)totals[index].self, totals[index].value,
			function->name);
	}
	for (uint32_t index = 0; index < total_arcs.size; index++) {
		const struct lopi_arc *arc = &total_arcs.table[index];

		if (arc->callee)
			fprintf(file, "arc %llu %llu %s %s\n", (unsigned long long)arc->calls,
				(unsigned long long)arc->cycles, name_of(arc->caller),
				name_of(arc->callee));
	}
}

__attribute__((destructor(101))) static void finish(void)
{
	FILE *file;

	if (!totals)
		return;
	pthread_mutex_lock(&threads_lock);
	jumps += lopi_jumps;
	for (struct lopi_thread *thread = threads; thread; thread = thread->next)
		lopi_totals_add(thread);
	pthread_mutex_unlock(&threads_lock);
	file = fopen(path, "we");
	if (!file) {
		fprintf(stderr, "lopi: %s: %m\n", path);
		return;
	}
	write_results(file);
	if (fclose(file) != 0)
		fprintf(stderr, "lopi: %s: %m\n", path);
}

/* What the parent collected is the parent's. */
static void in_child(void)
{
	char number[16];

	threads = NULL;
	lopi_thread.event_count = 0;
	if (lopi_thread.pointer)
		lopi_totals_add(&lopi_thread);
	lopi_thread.pointer = NULL;
	memset(totals, 0, function_count() * sizeof(*totals));
	if (total_arcs.table)
		memset(total_arcs.table, 0, total_arcs.size * sizeof(*total_arcs.table));
	total_arcs.used = 0;
	lost = jumps = lopi_jumps = 0;
	thread_count = 0;
	pthread_mutex_init(&threads_lock, NULL);
	lopi_thread_register();
	if (trace_file >= 0)
		close(trace_file);
	trace_file = -1;
	if (strlen(path) + sizeof(number) < sizeof(path)) {
		snprintf(number, sizeof(number), ".%d", (int)getpid());
		strcat(path, number);
	}
}

__attribute__((constructor(101))) static void start(void)
{
	const char *wanted = getenv("LOPI_OUT");
	size_t size = (function_count() + 1) * sizeof(*totals);

	totals = lopi_pages_get(size);
	if (!totals)
		LOPI_PROGRAM_WRONG("lopi: no memory for the results\n");
	if (snprintf(path, sizeof(path), "%s", wanted && *wanted ? wanted : "lopi.out") >=
	    (int)sizeof(path))
		LOPI_PROGRAM_WRONG("lopi: LOPI_OUT is too long\n");
	pthread_key_create(&key, thread_ends);
	pthread_atfork(NULL, NULL, in_child);
	first_process = getpid();
	lopi_thread_register();
}
