/*
 * The serial line COM1 (16550 UART): the console's first face.
 */
#ifndef KERNEL_DEV_UART_H
#define KERNEL_DEV_UART_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Sets the line to 115200 baud, 8N1. Output works from here on, before anything else is up. At
 * boot.
 */
void uart_init(void);

/*
 * Writes bytes as they are; waits only while the ring of bytes to be sent is full. Any context
 * (what two processors write at once may mix).
 */
void uart_write(const char *text, uint32_t size);

/* Bytes that can be written without waiting. Any context. */
uint32_t uart_room(void);

/* True before output is sent by interrupts, and when it is no more. Any context. */
bool uart_is_polled(void);

/* True if all that was written has been sent, but for the last byte perhaps. Any context. */
bool uart_is_idle(void);

/*
 * For the machine's last words: sends what is left, and from now on waits for the transmitter. Any
 * context, when all other processors have stopped.
 */
void uart_poll_from_now(void);

/* Waits until everything has left the wire. Any context, when all other processors have stopped. */
void uart_drain(void);

/*
 * From now on output is sent by interrupts. Calls `received` for each byte that comes in, and
 * `sent` when some have been sent, both at first level. At boot.
 */
void uart_listen(void (*received)(char byte), void (*sent)(void));

/*
 * For a device_cpu that looks at the line instead of being interrupted: takes what has come, and
 * sends what can be. First level.
 */
void uart_poll(void);

/* First level, on device_cpu: sends what another one has written. */
void uart_transmit(void);

#endif
