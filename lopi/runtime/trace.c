/*
 * The traces of programs: each thread's events, in buffers of its own, without locks, though a
 * signal handler may come at any instruction and have events, too. A buffer's event is claimed by
 * one instruction, and complete once its record is there, which is written last; so what a handler
 * interrupts stays what it is. A full buffer is written to the file and used again as soon as all
 * of its events are complete; until then there is another one. With the buffers themselves a thread
 * is busy with its signals blocked, and with the lock, for who ends the program writes the events
 * of all threads.
 */
#include "signals.h"
#include "thread.h"

#include <errno.h>
#include <pthread.h>

enum { EVENTS = 4095 }; /* with what stands before them a buffer is 64 KB */

struct lopi_trace {
	struct lopi_trace *next; /* of the thread's */
	uint32_t claimed;        /* how many events were begun; more than there are if it is full */
	uint32_t written;        /* how many of them are in the file */
#ifdef __i386__
	uint32_t unused;
#endif
	struct lopi_event events[EVENTS];
};

_Static_assert(sizeof(struct lopi_trace) == 65536, "whole pages");

static pthread_mutex_t traces_lock = PTHREAD_MUTEX_INITIALIZER;

static void write_events(struct lopi_trace *trace, uint32_t start, uint32_t count, int to_file)
{
	if (to_file)
		lopi_trace_write(&trace->events[start], count * sizeof(trace->events[0]));
	for (uint32_t index = start; index < start + count; index++)
		trace->events[index].record = 0;
	trace->written += count;
}

/* Puts away all complete events; if these are all that there is room for, the buffer is empty. */
static void put_away(struct lopi_trace *trace, int to_file)
{
	const volatile struct lopi_event *events = trace->events;
	uint32_t claimed = *(volatile uint32_t *)&trace->claimed;
	uint32_t end = claimed < EVENTS ? claimed : EVENTS;

	for (uint32_t index = 0; index < end; index++) {
		uint32_t start = index;

		while (index < end && events[index].record)
			index++;
		if (index > start)
			write_events(trace, start, index - start, to_file);
	}
	if (trace->written == EVENTS)
		trace->written = trace->claimed = 0;
}

static void put_away_all(struct lopi_thread *thread, int to_file)
{
	for (struct lopi_trace *trace = thread->traces; trace; trace = trace->next)
		put_away(trace, to_file);
}

/* A buffer with room; null if there is neither one nor memory for it. */
static struct lopi_trace *with_room(struct lopi_thread *thread)
{
	struct lopi_trace *trace = thread->traces;

	while (trace && trace->claimed >= EVENTS)
		trace = trace->next;
	if (trace)
		return trace;
	trace = lopi_pages_get(sizeof(*trace));
	if (trace) {
		trace->next = thread->traces;
		thread->traces = trace;
	}
	return trace;
}

/* A handler may have been here between the caller's look at the buffer and this. */
static void renew(struct lopi_thread *thread)
{
	int saved = errno;
	sigset_t before;

	lopi_signals_block(&before);
	pthread_mutex_lock(&traces_lock);
	put_away_all(thread, 1);
	thread->trace = with_room(thread);
	pthread_mutex_unlock(&traces_lock);
	if (!thread->trace)
		LOPI_PROGRAM_WRONG("lopi: no memory for the trace\n");
	lopi_signals_restore(&before);
	errno = saved;
}

/* Takes the next event. One instruction, which signals do not divide. */
static inline uint32_t claim(struct lopi_trace *trace)
{
	uint32_t index = 1;

	__asm__ volatile("xaddl %0, %1" : "+r"(index), "+m"(trace->claimed) : : "memory");
	return index;
}

void lopi_trace_add(lopi_record *record, uint32_t leave, uint64_t time)
{
	struct lopi_thread *thread = &lopi_thread;
	struct lopi_event *event;
	struct lopi_trace *trace;
	uint32_t index;

	for (;;) {
		trace = *(struct lopi_trace *volatile *)&thread->trace;
		index = trace ? claim(trace) : EVENTS;
		if (index < EVENTS)
			break;
		renew(thread);
	}
	event = &trace->events[index];
	event->time = time;
	event->thread = thread->number;
	__asm__ volatile("" ::: "memory");
	event->record = (uint32_t)(uintptr_t)record | leave;
}

void lopi_trace_flush(struct lopi_thread *thread)
{
	sigset_t before;

	if (!thread->traces)
		return;
	lopi_signals_block(&before);
	pthread_mutex_lock(&traces_lock);
	put_away_all(thread, 1);
	pthread_mutex_unlock(&traces_lock);
	lopi_signals_restore(&before);
}

/* Another thread may have had the lock when this process was made. */
void lopi_trace_forget(struct lopi_thread *thread)
{
	pthread_mutex_init(&traces_lock, NULL);
	put_away_all(thread, 0);
}
