/*
 * Recording events. A place in the ring is taken by one instruction, so that an interrupt's events
 * and those that it interrupts do not meet; no other processor writes to the ring.
 */
#include "kernel/debug/trace.h"

#include <castle/address_map.h>
#include <castle/errno.h>
#include <castle/info.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/trap.h"
#include "kernel/lock/domain.h"
#include "kernel/measure/account.h"
#include "kernel/lib/print.h"
#include "kernel/mem/container.h"
#include "kernel/mem/page.h"
#include "kernel/mem/user_copy.h"
#include "kernel/mem/package.h"
#include "kernel/proc/process.h"

#define MEMORY_SHARE 32u /* a ring takes at most one part in so many of all memory */

/* Each processor writes to its own; they are read when all have stopped. */
struct trace_ring trace_rings[CASTLE_CPUS_MAX] UNGUARDED("one writer each");

static inline __attribute__((always_inline)) void
record(struct trace_ring *ring, enum trace_event event, uint32_t a, uint32_t b, uint64_t time)
{
	struct castle_trace_event *place;
	uint32_t next = 1;

	if (!ring->events || !trace_groups)
		return;
	/* Not locked: what it must be whole against is an interrupt of this processor. */
	__asm__ volatile("xaddl %0, %1" : "+r"(next), "+m"(ring->next) : : "cc");
	place = &ring->events[next & ring->mask];
	place->time = (uint32_t)time;
	place->when = (uint32_t)(time >> 32) | (uint32_t)event << CASTLE_TRACE_EVENT_SHIFT;
	place->a = a;
	place->b = b;
}

PATCH_CALLED void trace_record(enum trace_event event, uint32_t a, uint32_t b)
{
	record(&trace_rings[cpu_number], event, a, b, cpu_cycles());
}

PATCH_CALLED void trace_record_on(uint32_t cpu, enum trace_event event, uint32_t a, uint32_t b)
{
	record(&trace_rings[cpu], event, a, b, cpu_cycles());
}

PATCH_CALLED void trace_record_account(enum trace_event event, uint32_t a, uint32_t b)
{
	record(&trace_rings[cpu_number], event, a, b, account_time());
}

/* As large as it may be, and half of that as long as there is no such run of pages. */
void trace_create_ring(uint32_t cpu, bool application)
{
	struct trace_ring *ring = &trace_rings[cpu];
	unsigned order = PAGE_ORDER_MAX;

	if (!trace_groups)
		return;
	while (order > 0 && MEMORY_SHARE << order > page_count_total())
		order--;
	ring->events = page_alloc_run(order);
	while (!ring->events && order > 0)
		ring->events = page_alloc_run(--order);
	if (!ring->events) {
		kprintf("trace: no memory for the events of CPU %u\n", cpu);
		return;
	}
	ring->application = application;
	account_watches_idling = true;
	ring->mask = (PAGE_SIZE << order) / sizeof *ring->events - 1;
}

/* For functions that are only called while something is on: no register need be spared. */
static inline void record_entry(enum trace_event event, uint32_t a, uint32_t b)
{
	if (trace_groups & TRACE_GROUP_entry)
		record(&trace_rings[cpu_number], event, a, b, account_time());
}

void trace_enter(uint32_t vector)
{
	const struct thread *thread = current_thread;
	const struct trap_frame *frame = thread ? &thread->frame : NULL;
	uint32_t call = 0, detail = 0;

	if (!frame)
		return;
	if (!vector) {
		vector = frame->vector;
		detail = vector == VECTOR_PAGE_FAULT ? cr2_read() : 0;
	} else {
		call = frame->eax & 0xffff;
		detail = frame->esi;
	}
	record_entry(TRACE_KERNEL_ENTER, vector << 16 | call, detail);
}

void trace_leave(void)
{
	record_entry(TRACE_KERNEL_EXIT, current_thread->tid, 0);
}

/* The program and the process of a thread. */
static uint32_t owner(const struct container *container, int32_t pid)
{
	const uint32_t slot =
		(container->package->code_start - CASTLE_CODE_BASE) / CASTLE_CODE_SLOT_SIZE;

	return slot << 24 | (pid & 0xffffff);
}

PATCH_CALLED void trace_record_switch(uint32_t tid, const struct container *container,
				      const struct process *process)
{
	trace_record(TRACE_SWITCH, tid, owner(container, process->pid));
}

PATCH_CALLED void trace_record_switch_on(uint32_t cpu, uint32_t tid,
					 const struct container *container, int32_t pid)
{
	trace_record_on(cpu, TRACE_SWITCH, tid, owner(container, pid));
}

int32_t sys_mark(uint32_t text)
{
	uint32_t words[3] = { 0 };
	int length;

	length = copy_string_from_user((char *)words, text, 2 * sizeof *words + 1);
	if (length < 0 && length != -ENAMETOOLONG)
		return length;
	TRACE(MARK, words[0], words[1]);
	return 0;
}
