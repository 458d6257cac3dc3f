/*
 * The serial line COM1 (16550 UART): the console's first face.
 */
#ifndef KERNEL_DEV_UART_H
#define KERNEL_DEV_UART_H

#include <stdint.h>

/* Sets the line to 115200 baud, 8N1. Output works from here on, before anything else is up. */
void uart_init(void);

/* Writes bytes as they are; waits for the transmitter. */
void uart_write(const char *text, uint32_t size);

/* Waits until everything has left the wire. */
void uart_drain(void);

/* From now on calls `received` for each byte that comes in, at first level. */
void uart_listen(void (*received)(char byte));

#endif
