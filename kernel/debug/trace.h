/*
 * The event log: what happens in the kernel, with time stamp and processor, in a ring for each
 * processor (Section 1.8 of the thesis asks for a way to see it). Off unless trace= of the command
 * line chooses groups of events; then the newest events of each processor are kept, and come out
 * when the machine is switched off or panics (kernel/debug/trace_dump.c).
 *
 * While it is off, a TRACE() is an instruction that does nothing (arch/ia32/patch.h), and where two
 * processors work hand in hand there is not even that: the event is logged by another function in
 * the place of the first, or where something is counted anyway. The ways in and out of the kernel
 * are traced by code of their own (arch/ia32/entry_logged.inc).
 */
#ifndef KERNEL_DEBUG_TRACE_H
#define KERNEL_DEBUG_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <castle/trace.h>
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/patch.h"

enum trace_group {
#define TRACE_GROUP(number, name) TRACE_GROUP_##name = 1u << (number),
#include <castle/trace_events.h>
};

enum trace_event {
#define TRACE_EVENT(number, name, group) TRACE_##name = (number),
#include <castle/trace_events.h>
};

/* The group that each event belongs to. */
enum trace_group_of {
#define TRACE_EVENT(number, name, group) TRACE_GROUP_OF_##name = TRACE_GROUP_##group,
#include <castle/trace_events.h>
};

/* The groups that are on. */
extern uint32_t trace_groups;

#define TRACE_IS_ON(event) __builtin_expect(patch_trace_is_on(TRACE_GROUP_OF_##event), 0)

/* Logs an event with its two words, on the processor that this runs on. */
#define TRACE(event, a, b)                                             \
	do {                                                           \
		if (TRACE_IS_ON(event))                                \
			patch_call(trace_record, TRACE_##event, a, b); \
	} while (0)

/* The same on a processor that has no CPU-local page of the kernel's; `cpu` holds its number. */
#define TRACE_ON(cpu, event, a, b)                                                    \
	do {                                                                          \
		if (TRACE_IS_ON(event))                                               \
			patch_call_on(trace_record_on, cpu, TRACE_##event, (a), (b)); \
	} while (0)

/*
 * Counts in `counter`, which is all that it costs while the log is off. See patch_trace_counts().
 */
#define TRACE_COUNT(counter, event, a, b)                              \
	do {                                                           \
		if (TRACE_COUNTS(counter, event))                      \
			patch_call(trace_record, TRACE_##event, a, b); \
	} while (0)

#define TRACE_COUNTS(counter, event) \
	__builtin_expect(patch_trace_counts(counter, TRACE_GROUP_OF_##event), 0)

/* `traced`, which logs the event, takes the place of `function` while that is on. */
#define TRACE_FUNCTION(function, traced, event) \
	PATCH_FUNCTION(function, traced, TRACE_GROUP_OF_##event)

/* As TRACE(), at the moment that the account of time charged last, so that the two agree. */
#define TRACE_ACCOUNT(event, a, b)                                             \
	do {                                                                   \
		if (TRACE_IS_ON(event))                                        \
			patch_call(trace_record_account, TRACE_##event, a, b); \
	} while (0)

/* For the macros above. Any context. */
PATCH_CALLED void trace_record(enum trace_event event, uint32_t a, uint32_t b);
/* The same on a processor that has no CPU-local page of the kernel's, number `cpu`. Any context. */
PATCH_CALLED void trace_record_on(uint32_t cpu, enum trace_event event, uint32_t a, uint32_t b);
PATCH_CALLED void trace_record_account(enum trace_event event, uint32_t a, uint32_t b);

/*
 * Gives processor `cpu` its ring, if anything is on; reports when there is no memory for one. At
 * boot.
 */
void trace_create_ring(uint32_t cpu, bool application);

/*
 * Parses the value of trace=: groups with commas between them, or all. False: there is no such. At
 * boot.
 */
bool trace_choose(const char *value);

/* What valid values are, for a message. */
extern const char trace_valid[];

/*
 * Record KERNEL_ENTER and KERNEL_EXIT of the current thread, at the time of the account; `vector`
 * 0: the thread's frame has it. Any context.
 */
void trace_enter(uint32_t vector);
void trace_leave(void);

/*
 * Record SWITCH to a thread of a process: on this processor, and on processor `cpu`. Any context.
 */
struct container;
struct process;
PATCH_CALLED void trace_record_switch(uint32_t tid, const struct container *container,
				      const struct process *process);
PATCH_CALLED void trace_record_switch_on(uint32_t cpu, uint32_t tid,
					 const struct container *container, int32_t pid);

/*
 * The log's end: nothing more is recorded; sends it over COM2, and says on the console how much.
 * Any context, when all other processors have stopped.
 */
void trace_dump(bool panicking);

/* Logs eight characters of a program's. Caller holds nothing. */
int32_t sys_mark(uint32_t text);

/* For trace_dump(). */
struct trace_ring {
	uint32_t next; /* events ever recorded; the newest is at (next - 1) & mask */
	uint32_t mask;
	struct castle_trace_event *events;
	bool application;
};

extern struct trace_ring trace_rings[];

#endif
