/*
 * The event log's way out: over COM2 as castle/trace.h has it, and the newest events as text after
 * a panic. All other processors of the kernel have been stopped. Bochs lets a byte take as long as
 * the wire would, so there the log goes to a port of Bochs's own, which QEMU calls debugcon: a read
 * of it gives its number.
 */
#include "kernel/debug/trace.h"

#include <castle/address_map.h>
#include <castle/info.h>
#include <stddef.h>
#include "arch/ia32/cpu.h"
#include "kernel/lib/options.h"
#include "kernel/dev/com2.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/package.h"
#include "kernel/time/clock.h"

#define DEBUG_PORT 0xe9

#define LAST_WORDS 12u /* events of each processor that a panic prints */

static const char *const event_names[] = {
#define TRACE_EVENT(number, name, group) [number] = #name,
#include <castle/trace_events.h>
};

static bool on_debug_port UNGUARDED("the others have stopped");

/* False if the machine has no way out for the log. */
static bool output_start(void)
{
	on_debug_port = in8(DEBUG_PORT) == DEBUG_PORT;
	return on_debug_port || com2_init();
}

static void send(const void *bytes, uint32_t size)
{
	if (!on_debug_port)
		com2_send(bytes, size);
	else
		for (uint32_t i = 0; i < size; i++)
			out8(DEBUG_PORT, ((const uint8_t *)bytes)[i]);
}

static uint32_t ring_lost(const struct trace_ring *ring)
{
	return ring->next > ring->mask + 1 ? ring->next - (ring->mask + 1) : 0;
}

static void send_header(uint32_t groups)
{
	struct castle_trace_header header = {
		.magic = CASTLE_TRACE_MAGIC,
		.version = CASTLE_TRACE_VERSION,
		.cycles_per_ms = clock_cycles_per_ms(),
		.groups = groups,
	};
	const struct package *package = NULL;

	for (uint32_t cpu = 0; cpu < CASTLE_CPUS_MAX; cpu++)
		header.rings += trace_rings[cpu].events ? 1 : 0;
	while ((package = package_next(package)))
		header.packages++;
	ksnprintf(header.mode, sizeof header.mode, "%s", mode_name());
	ksnprintf(header.machine, sizeof header.machine, "%s", kernel_options.machine);
	send(&header, sizeof header);
}

static void send_packages(void)
{
	const struct package *package = NULL;

	while ((package = package_next(package))) {
		struct castle_trace_package entry = {
			.slot = (package->code_start - CASTLE_CODE_BASE) / CASTLE_CODE_SLOT_SIZE,
		};
		memcpy(entry.name, package->name, sizeof entry.name);
		send(&entry, sizeof entry);
	}
}

static void send_ring(uint32_t cpu)
{
	const struct trace_ring *ring = &trace_rings[cpu];
	const struct castle_trace_ring head = {
		.cpu = cpu,
		.application = ring->application,
		.events = ring->next - ring_lost(ring),
		.lost = ring_lost(ring),
	};

	send(&head, sizeof head);
	for (uint32_t i = ring_lost(ring); i != ring->next; i++)
		send(&ring->events[i & ring->mask], sizeof *ring->events);
}

static void for_each_ring(void (*function)(uint32_t cpu))
{
	for (uint32_t cpu = 0; cpu < CASTLE_CPUS_MAX; cpu++)
		if (trace_rings[cpu].events)
			function(cpu);
}

static void send_all(uint32_t groups)
{
	send_header(groups);
	send_packages();
	for_each_ring(send_ring);
	send(CASTLE_TRACE_END, sizeof CASTLE_TRACE_END - 1);
	if (!on_debug_port)
		com2_drain();
}

static void print_event(const struct castle_trace_event *event)
{
	const uint32_t number = event->when >> CASTLE_TRACE_EVENT_SHIFT;
	const bool known = number < sizeof event_names / sizeof *event_names && event_names[number];

	kprintf("  %06x%08x %s %08x %08x\n", event->when & ((1u << CASTLE_TRACE_EVENT_SHIFT) - 1),
		event->time, known ? event_names[number] : "?", event->a, event->b);
}

static void print_last(uint32_t cpu)
{
	const struct trace_ring *ring = &trace_rings[cpu];
	const uint32_t there = ring->next - ring_lost(ring);

	kprintf("last events of CPU %u:\n", cpu);
	for (uint32_t i = there < LAST_WORDS ? there : LAST_WORDS; i > 0; i--)
		print_event(&ring->events[(ring->next - i) & ring->mask]);
}

static void print_summary(uint32_t cpu)
{
	const struct trace_ring *ring = &trace_rings[cpu];
	const uint32_t lost = ring_lost(ring);

	kprintf("trace: CPU %u: %u events", cpu, ring->next - lost);
	if (lost)
		kprintf(", the newest; %u older ones were overwritten", lost);
	kprintf("\n");
}

void trace_dump(bool panicking)
{
	const uint32_t groups = trace_groups;

	if (!groups)
		return;
	trace_groups = 0;
	if (panicking)
		for_each_ring(print_last);
	for_each_ring(print_summary);
	if (output_start())
		send_all(groups);
}
