/*
 * A partition's console: the machine's serial line, which all partitions write to in turn, line by
 * line with the partition's number in front (16550 UART, National Semiconductor PC16550D data
 * sheet). Output is polled. What is typed, on the serial line or the keyboard, goes to the first
 * partition, and so does the screen.
 */
#include <stddef.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/interrupt.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/partition/inside/here.h"
#include "kernel/partition/inside/wrapped.h"

#define COM1                  0x3f8
#define UART_DATA             (COM1 + 0)
#define UART_INTERRUPT_ENABLE (COM1 + 1)
#define UART_LINE_STATUS      (COM1 + 5)

#define INTERRUPT_RECEIVED   0x01
#define STATUS_DATA_READY    0x01
#define STATUS_HOLDING_EMPTY 0x20
#define STATUS_ALL_SENT      0x40
#define NO_UART              0xff /* what an absent chip reads as */

#define LINE_MS 2 /* for a line that another partition has begun to be ended */

#define ROOM 4096u /* there always is as much, since nothing is kept */

static void (*console_received)(char) SET_AT_BOOT;

static void uart_wait(uint8_t status)
{
	uint8_t line;

	do
		line = in8(UART_LINE_STATUS);
	while (!(line & status) && line != NO_UART);
}

static void put(const char *text, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++) {
		uart_wait(STATUS_HOLDING_EMPTY);
		out8(UART_DATA, text[i]);
	}
}

static bool console_try(void)
{
	uint32_t nobody = 0;

	return __atomic_compare_exchange_n(&partition_area->console_owner, &nobody,
					   partition_number, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

static void console_give_back(void)
{
	partition_area->console_cycles = cpu_cycles();
	__atomic_store_n(&partition_area->console_owner, 0, __ATOMIC_RELEASE);
}

/*
 * Waits while another partition prints, and for a moment if that has begun a line: the kernel
 * prints a line's end apart from it. One that printed when it panicked has the console already, and
 * one that has died meanwhile gives it back (kernel/partition/monitor.c). True if it is to be given
 * back.
 */
static bool console_take(void)
{
	const uint64_t patience = (uint64_t)partition_area->cycles_per_ms * LINE_MS;

	if (partition_area->console_owner == partition_number)
		return false;
	for (;; cpu_pause()) {
		const uint32_t line_of = partition_area->console_line;
		if (line_of && line_of != partition_number &&
		    cpu_cycles() - partition_area->console_cycles < patience)
			continue;
		if (console_try())
			return true;
	}
}

/* A line that another partition has begun is broken off; the rest gets a line of its own. */
static void line_begin(void)
{
	char number[16];

	if (partition_area->console_line == partition_number)
		return;
	if (partition_area->console_line)
		put("\r\n", 2);
	ksnprintf(number, sizeof number, "[%u] ", partition_number);
	put(number, strlen(number));
	partition_area->console_line = partition_number;
}

void __wrap_uart_write(const char *text, uint32_t size)
{
	const bool taken = console_take();

	for (uint32_t i = 0; i < size; i++) {
		/* An empty line is one, but the end of a line that nobody has begun is not. */
		line_begin();
		put(text + i, 1);
		if (text[i] == '\n')
			partition_area->console_line = 0;
	}
	if (taken)
		console_give_back();
}

/* The monitor has set the line up. */
void __wrap_uart_init(void)
{
}

uint32_t __wrap_uart_room(void)
{
	return ROOM;
}

bool __wrap_uart_is_idle(void)
{
	return true;
}

void __wrap_uart_poll_from_now(void)
{
}

void __wrap_uart_drain(void)
{
	uart_wait(STATUS_ALL_SENT);
}

static void uart_interrupt(void)
{
	uint8_t line = in8(UART_LINE_STATUS);

	while (line & STATUS_DATA_READY && line != NO_UART) {
		console_received(in8(UART_DATA));
		line = in8(UART_LINE_STATUS);
	}
}

void __wrap_uart_listen(void (*received)(char byte), void (*sent)(void))
{
	(void)sent;
	if (!partition_is_first())
		return;
	console_received = received;
	interrupt_register(INTERRUPT_COM1, uart_interrupt);
	out8(UART_INTERRUPT_ENABLE, INTERRUPT_RECEIVED);
}

void __wrap_screen_init(void)
{
	if (partition_is_first())
		__real_screen_init();
}

void __wrap_screen_choose(void)
{
	if (partition_is_first())
		__real_screen_choose();
}

void __wrap_screen_write(const char *text, uint32_t size)
{
	if (partition_is_first())
		__real_screen_write(text, size);
}
