/*
 * The 16550 UART (National Semiconductor PC16550D data sheet). Output is polled: it must work in a
 * panic and with interrupts off. Input comes by interrupt.
 */
#include "kernel/dev/uart.h"

#include <stddef.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/interrupt.h"

#define COM1 0x3f8

#define UART_DATA             (COM1 + 0)
#define UART_DIVISOR_LOW      (COM1 + 0)
#define UART_INTERRUPT_ENABLE (COM1 + 1)
#define UART_DIVISOR_HIGH     (COM1 + 1)
#define UART_FIFO_CONTROL     (COM1 + 2)
#define UART_LINE_CONTROL     (COM1 + 3)
#define UART_MODEM_CONTROL    (COM1 + 4)
#define UART_LINE_STATUS      (COM1 + 5)

#define INTERRUPT_RECEIVED   0x01
#define FIFO_ENABLE_CLEAR    0x07
#define LINE_8N1             0x03
#define LINE_DIVISOR_ACCESS  0x80
#define MODEM_DTR_RTS_OUT2   0x0b /* OUT2 lets interrupts through */
#define STATUS_DATA_READY    0x01
#define STATUS_HOLDING_EMPTY 0x20
#define STATUS_ALL_SENT      0x40

#define FIFO_SIZE      16
#define DIVISOR_115200 1
#define NO_UART        0xff /* what an absent chip reads as */

static void (*uart_received)(char);

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
void uart_write(const char *text, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++) {
		if (i % FIFO_SIZE == 0)
			uart_wait(STATUS_HOLDING_EMPTY);
		out8(UART_DATA, text[i]);
	}
}

void uart_drain(void)
{
	uart_wait(STATUS_ALL_SENT);
}

static void uart_interrupt(void)
{
	uint8_t line = in8(UART_LINE_STATUS);

	while (line & STATUS_DATA_READY && line != NO_UART) {
		uart_received(in8(UART_DATA));
		line = in8(UART_LINE_STATUS);
	}
}

void uart_listen(void (*received)(char byte))
{
	uart_received = received;
	interrupt_register(INTERRUPT_COM1, uart_interrupt);
	out8(UART_INTERRUPT_ENABLE, INTERRUPT_RECEIVED);
}
