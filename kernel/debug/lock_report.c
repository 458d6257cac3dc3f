/*
 * What a report says: what was done, where, and the stack of everything that speaks against it. It
 * is written into memory first, for it may be made on a processor that has no console, and in the
 * middle of anything.
 */
#include "kernel/debug/lock_report.h"

#include <stdarg.h>
#include <stddef.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/interrupt.h"
#include "kernel/lib/options.h"
#include "arch/ia32/processors.h"
#include "kernel/debug/panic.h"
#include "kernel/debug/symbols.h"
#include "kernel/dev/console.h"
#include "kernel/dev/uart.h"
#include "kernel/lib/print.h"
#include "kernel/lock/domain.h"

#define TEXT_SIZE 8192u

bool lock_report_continues SET_AT_BOOT;

/* One report at a time. */
static uint32_t report_taken UNGUARDED("atomic: it admits one report at a time");
static volatile bool report_complete UNGUARDED("of who has report_taken");
static char text[TEXT_SIZE] UNGUARDED("the same");
static uint32_t text_length UNGUARDED("the same");

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_length += kvsnprintf(text + text_length, TEXT_SIZE - text_length, format, arguments);
	va_end(arguments);
	if (text_length >= TEXT_SIZE)
		text_length = TEXT_SIZE - 1; /* cut short */
}

static void add_trace(const struct lock_trace *trace)
{
	for (uint32_t i = 0; i < LOCK_TRACE_DEPTH && trace->addresses[i]; i++) {
		uint32_t offset;
		const char *name = symbol_of(trace->addresses[i], &offset);
		add("  %08x %s+0x%x\n", trace->addresses[i], name ? name : "?", offset);
	}
}

static void add_other(const struct held_lock *other)
{
	if (!other)
		return;
	add("\"%s\" (%p) is held, or waited for, by CPU %u since\n", other->class->name,
	    (const void *)other->lock, other->taken.cpu);
	add_trace(&other->taken);
}

/* Each edge of the order that is contradicted. */
static void add_path(const struct lock_path *path)
{
	for (uint32_t i = 0; i + 1 < path->length; i++) {
		const struct lock_class *before = path->classes[i], *after = path->classes[i + 1];
		const struct lock_edge *edge = lock_graph_edge(before, after);

		add("the order so far: \"%s\" before \"%s\", taken by CPU %u\n", before->name,
		    after->name, edge->after.cpu);
		add_trace(&edge->after);
		add("where it held \"%s\" since\n", before->name);
		add_trace(&edge->before);
	}
}

static bool involves_interrupts(const struct lock_finding *finding)
{
	for (uint32_t i = 0; i < finding->path.length; i++)
		if (finding->path.classes[i] == &lock_interrupt_class)
			return true;
	return false;
}

/* What was done to a lock, for those faults that concern one. */
static const char *const said[] = {
	[LOCK_FAULT_RANK] =
		"takes it while it holds one that comes after it in the order of domains",
	[LOCK_FAULT_AGAIN] = "takes it while it holds it, or another of its class",
	[LOCK_FAULT_RELEASE_ORDER] = "releases it before one that it has taken later",
	[LOCK_FAULT_RELEASE_ELSEWHERE] = "releases it, and does not hold it",
	[LOCK_FAULT_NOT_HELD] = "touches what it guards, and does not hold it",
	[LOCK_FAULT_CONTEXT] = "touches what it guards where the kernel proper does not run",
	[LOCK_FAULT_SLEEP] = "sleeps, and holds it",
	[LOCK_FAULT_USER] = "returns to user mode, and holds it",
};

static void add_headline(const struct lock_finding *finding)
{
	const char *name = finding->class->name;
	const uint32_t cpu = finding->held->cpu;

	if (finding->fault != LOCK_FAULT_ORDER)
		add("LOCKS: \"%s\" (%p): CPU %u %s\n", name, (const void *)finding->lock, cpu,
		    said[finding->fault]);
	else if (involves_interrupts(finding))
		add("LOCKS: possible deadlock: what an interrupt takes is held with interrupts on: "
		    "CPU %u, \"%s\" before \"%s\"\n",
		    cpu, finding->other->class->name, name);
	else
		add("LOCKS: possible deadlock: CPU %u takes \"%s\" (%p) while it holds \"%s\"\n",
		    cpu, name, (const void *)finding->lock, finding->other->class->name);
}

static void report_write(const struct lock_finding *finding)
{
	text_length = 0;
	add_headline(finding);
	add("in mode %s, here\n", mode_name());
	add_trace(&finding->here);
	add_other(finding->other);
	if (finding->fault == LOCK_FAULT_ORDER)
		add_path(&finding->path);
}

static void report_show(void)
{
	if (lock_report_continues) {
		console_write(text, text_length);
		report_complete = false;
		__atomic_store_n(&report_taken, 0, __ATOMIC_RELEASE);
		return;
	}
	processors_stop();
	uart_poll_from_now();
	console_write(text, text_length);
	panic("a fault in the use of locks, reported above");
}

void lock_report_check(void)
{
	if (report_complete)
		report_show();
}

/* Another processor's report may wait for this one to show it, or to send it. */
static void report_wait(const struct held_locks *held)
{
	if (!held->hand_over)
		lock_report_check();
	if (held->cpu == device_cpu && lock_report_continues)
		uart_transmit();
	cpu_pause();
}

void lock_report(const struct lock_finding *finding)
{
	while (__atomic_exchange_n(&report_taken, 1, __ATOMIC_ACQUIRE))
		report_wait(finding->held);
	report_write(finding);
	if (!finding->held->hand_over) {
		report_show();
		return;
	}
	report_complete = true;
	finding->held->hand_over();
	while (report_complete)
		cpu_pause();
}
