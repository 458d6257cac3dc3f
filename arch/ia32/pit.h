/*
 * The system timer of a PC.
 */
#ifndef ARCH_IA32_PIT_H
#define ARCH_IA32_PIT_H

#include <stdint.h>

/* Calls `handler`, at first level, `hz` times a second (at least 19). */
void pit_start(uint32_t hz, void (*handler)(void));

#endif
