/*
 * The serial line COM2: bytes for the machine at its other end, or a file of the host's.
 * Programs write to /dev/com2.
 *
 * Contract of all functions here: Any context (one caller at a time: a program's write, or the last
 * processor).
 */
#ifndef KERNEL_DEV_COM2_H
#define KERNEL_DEV_COM2_H

#include <stdbool.h>
#include <stdint.h>

/* Sets the line to 115200 baud, 8N1. False if the machine has none. */
bool com2_init(void);

/* Waits until the line has taken all bytes, which may be before it has sent them. */
void com2_send(const void *bytes, uint32_t size);

/* Waits until the line has sent everything. */
void com2_drain(void);

#endif
