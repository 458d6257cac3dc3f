/*
 * The serial line COM2: bytes for whoever holds its other end, such as a file of the host's.
 * Programs write to /dev/com2.
 */
#ifndef KERNEL_DEV_COM2_H
#define KERNEL_DEV_COM2_H

#include <stdbool.h>
#include <stdint.h>

/* Sets the line to 115200 baud, 8N1. False if the machine has none. */
bool com2_init(void);

/* What one call of com2_send() can take. */
#define COM2_SEND_MAX 16u

/* Waits until the line has sent what it was given before, and gives it up to COM2_SEND_MAX bytes.
 */
void com2_send(const void *bytes, uint32_t size);

/* Waits until everything has left the wire. */
void com2_drain(void);

#endif
