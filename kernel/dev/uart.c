/*
 * The 16550 UART (National Semiconductor PC16550D data sheet). Input comes by interrupt. Output
 * waits in a ring until the transmitter asks for it, by interrupt, too; only
 * device_cpu, where the interrupts go, touches the chip. Before interrupts work, and for the
 * machine's last words, output is polled.
 */
#include "kernel/dev/uart.h"

#include <stddef.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/interrupt.h"
#include "arch/ia32/processors.h"
#include "kernel/lock/domain.h"

#define COM1 0x3f8

#define UART_DATA             (COM1 + 0)
#define UART_DIVISOR_LOW      (COM1 + 0)
#define UART_INTERRUPT_ENABLE (COM1 + 1)
#define UART_DIVISOR_HIGH     (COM1 + 1)
#define UART_IDENTIFICATION   (COM1 + 2) /* reading */
#define UART_FIFO_CONTROL     (COM1 + 2) /* writing */
#define UART_LINE_CONTROL     (COM1 + 3)
#define UART_MODEM_CONTROL    (COM1 + 4)
#define UART_LINE_STATUS      (COM1 + 5)

#define INTERRUPT_RECEIVED   0x01
#define INTERRUPT_EMPTY      0x02
#define NONE_PENDING         0x01
#define FIFO_ENABLE_CLEAR    0x07
#define LINE_8N1             0x03
#define LINE_DIVISOR_ACCESS  0x80
#define MODEM_DTR_RTS_OUT2   0x0b /* OUT2 lets interrupts through */
#define STATUS_DATA_READY    0x01
#define STATUS_HOLDING_EMPTY 0x20
#define STATUS_ALL_SENT      0x40

#define FIFO_SIZE      16
#define RING_SIZE      4096u /* a power of two */
#define DIVISOR_115200 1
#define NO_UART        0xff /* what an absent chip reads as */

static void (*uart_received)(char) SET_AT_BOOT;
static void (*uart_sent)(void) SET_AT_BOOT;

/* Written by the kernel at the tail, sent at first level from the head. */
static char ring[RING_SIZE] UNGUARDED("one processor prints: in the kernel, or the last");
static volatile uint32_t ring_head UNGUARDED("the boot processor's, interrupts off");
static volatile uint32_t ring_tail UNGUARDED("as the ring");
/* Interrupts work. */
static bool ring_used UNGUARDED("set at boot; off when the others have stopped");

void uart_init(void)
{
	out8(UART_INTERRUPT_ENABLE, 0);
	out8(UART_LINE_CONTROL, LINE_DIVISOR_ACCESS);
	out8(UART_DIVISOR_LOW, DIVISOR_115200);
	out8(UART_DIVISOR_HIGH, 0);
	out8(UART_LINE_CONTROL, LINE_8N1);
	out8(UART_FIFO_CONTROL, FIFO_ENABLE_CLEAR);
	out8(UART_MODEM_CONTROL, MODEM_DTR_RTS_OUT2);
}

static void uart_wait(uint8_t status)
{
	uint8_t line;

	do
		line = in8(UART_LINE_STATUS);
	while (!(line & status) && line != NO_UART);
}

/* An empty holding register means an empty FIFO: it can take as many bytes as it is long. */
static void write_polled(const char *text, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++) {
		if (i % FIFO_SIZE == 0)
			uart_wait(STATUS_HOLDING_EMPTY);
		out8(UART_DATA, text[i]);
	}
}

/* Gives the transmitter what it can take. On device_cpu, interrupts off. */
static void transmit(void)
{
	if (!(in8(UART_LINE_STATUS) & STATUS_HOLDING_EMPTY))
		return;
	for (uint32_t i = 0; i < FIFO_SIZE && ring_head != ring_tail; i++) {
		out8(UART_DATA, ring[ring_head % RING_SIZE]);
		ring_head++;
	}
}

void uart_transmit(void)
{
	transmit();
	uart_sent();
}

/* Starts the transmitter, in case it had nothing to do. */
static void transmit_start(void)
{
	uint32_t flags;

	if (processors_ask_device_cpu())
		return;
	flags = interrupts_save();
	transmit();
	interrupts_restore(flags);
}

uint32_t uart_room(void)
{
	return RING_SIZE - (ring_tail - ring_head);
}

bool uart_is_polled(void)
{
	return !ring_used;
}

bool uart_is_idle(void)
{
	return uart_room() == RING_SIZE && in8(UART_LINE_STATUS) & STATUS_HOLDING_EMPTY;
}

void uart_write(const char *text, uint32_t size)
{
	if (!ring_used) {
		write_polled(text, size);
		return;
	}
	for (uint32_t i = 0; i < size; i++) {
		while (uart_room() == 0)
			transmit_start();
		ring[ring_tail % RING_SIZE] = text[i];
		__atomic_store_n(&ring_tail, ring_tail + 1, __ATOMIC_RELEASE);
	}
	transmit_start();
}

void uart_poll_from_now(void)
{
	if (!ring_used)
		return;
	ring_used = false;
	out8(UART_INTERRUPT_ENABLE, 0);
	while (ring_head != ring_tail) {
		uart_wait(STATUS_HOLDING_EMPTY);
		transmit();
	}
}

void uart_drain(void)
{
	uart_wait(STATUS_ALL_SENT);
}

static void receive(void)
{
	uint8_t line = in8(UART_LINE_STATUS);

	while (line & STATUS_DATA_READY && line != NO_UART) {
		uart_received(in8(UART_DATA));
		line = in8(UART_LINE_STATUS);
	}
}

void uart_poll(void)
{
	const uint8_t line = in8(UART_LINE_STATUS);

	if (line == NO_UART)
		return;
	if (line & STATUS_DATA_READY)
		receive();
	if (line & STATUS_HOLDING_EMPTY)
		uart_transmit();
}

/* Until nothing is pending: the line must fall before it can rise again. */
static void uart_interrupt(void)
{
	while (!(in8(UART_IDENTIFICATION) & NONE_PENDING)) {
		receive();
		uart_transmit();
	}
}

void uart_listen(void (*received)(char byte), void (*sent)(void))
{
	uart_received = received;
	uart_sent = sent;
	interrupt_register(INTERRUPT_COM1, uart_interrupt);
	out8(UART_INTERRUPT_ENABLE, INTERRUPT_RECEIVED | INTERRUPT_EMPTY);
	ring_used = true;
}
