/*
 * The event log's way out: over COM2 as castle/trace.h has it, and the newest events as text after a
 * panic. All other processors have been stopped, so this has the machine to itself. The
 * transmitter (kernel/dev/uart.c explains the chip) is waited for by a halt, which an emulator passes
 * quickly; after a panic, when interrupts cannot be trusted, by looking.
 */
#include "kernel/debug/trace.h"

#include <castle/address_map.h>
#include <castle/info.h>
#include <stddef.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/interrupt.h"
#include "kernel/core/mode.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/proc/package.h"
#include "kernel/time/clock.h"

#define COM2                  0x2f8
#define UART_DATA             (COM2 + 0)
#define UART_INTERRUPT_ENABLE (COM2 + 1)
#define UART_IDENTIFICATION   (COM2 + 2) /* reading */
#define UART_FIFO_CONTROL     (COM2 + 2) /* writing */
#define UART_LINE_CONTROL     (COM2 + 3)
#define UART_MODEM_CONTROL    (COM2 + 4)
#define UART_LINE_STATUS      (COM2 + 5)

#define INTERRUPT_EMPTY      0x02
#define FIFO_ENABLE_CLEAR    0x07
#define LINE_8N1             0x03
#define LINE_DIVISOR_ACCESS  0x80
#define MODEM_DTR_RTS_OUT2   0x0b
#define STATUS_HOLDING_EMPTY 0x20
#define STATUS_ALL_SENT      0x40
#define FIFO_SIZE            16
#define NO_UART              0xff

#define LAST_WORDS 12u /* events of each processor that a panic prints */

static const char *const event_names[] = {
#define TRACE_EVENT(number, name, group) [number] = #name,
#include <castle/trace_events.h>
};

static bool halts; /* while it waits, instead of looking */
static uint32_t sent;

static void com2_interrupt(void)
{
	in8(UART_IDENTIFICATION); /* which ends the interrupt */
}

/* The divisor is that of 115,200 baud. */
static bool com2_start(bool panicking)
{
	if (in8(UART_LINE_STATUS) == NO_UART)
		return false;
	out8(UART_LINE_CONTROL, LINE_DIVISOR_ACCESS);
	out8(UART_DATA, 1);
	out8(UART_INTERRUPT_ENABLE, 0);
	out8(UART_LINE_CONTROL, LINE_8N1);
	out8(UART_FIFO_CONTROL, FIFO_ENABLE_CLEAR);
	out8(UART_MODEM_CONTROL, MODEM_DTR_RTS_OUT2);
	halts = !panicking && cpu_number == 0; /* to which the interrupt goes */
	if (halts) {
		interrupt_register(INTERRUPT_COM2, com2_interrupt);
		out8(UART_INTERRUPT_ENABLE, INTERRUPT_EMPTY);
	}
	return true;
}

static void com2_wait(uint8_t status)
{
	while (!(in8(UART_LINE_STATUS) & status))
		if (halts)
			cpu_wait_for_interrupt();
}

static void send(const void *bytes, uint32_t size)
{
	const uint8_t *byte = bytes;

	for (uint32_t i = 0; i < size; i++) {
		if (sent++ % FIFO_SIZE == 0)
			com2_wait(STATUS_HOLDING_EMPTY);
		out8(UART_DATA, byte[i]);
	}
}

static uint32_t ring_lost(const struct trace_ring *ring)
{
	return ring->next > ring->mask + 1 ? ring->next - (ring->mask + 1) : 0;
}

static uint32_t ring_count(void)
{
	uint32_t count = 0;

	for (uint32_t cpu = 0; cpu < CASTLE_CPUS_MAX; cpu++)
		count += trace_rings[cpu].events ? 1 : 0;
	return count;
}

static void send_header(uint32_t groups)
{
	struct castle_trace_header header = {
		.magic = CASTLE_TRACE_MAGIC,
		.version = CASTLE_TRACE_VERSION,
		.rings = ring_count(),
		.cycles_per_ms = clock_cycles_per_ms(),
		.groups = groups,
	};
	const struct package *package = NULL;

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
	com2_wait(STATUS_ALL_SENT);
	out8(UART_INTERRUPT_ENABLE, 0);
}

static void print_event(const struct castle_trace_event *event)
{
	const uint32_t number = event->when >> CASTLE_TRACE_EVENT_SHIFT;
	const bool known = number < sizeof event_names / sizeof *event_names && event_names[number];

	kprintf("  %06x%08x %s %08x %08x\n",
		event->when & ((1u << CASTLE_TRACE_EVENT_SHIFT) - 1), event->time,
		known ? event_names[number] : "?", event->a, event->b);
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
	if (com2_start(panicking))
		send_all(groups);
}
