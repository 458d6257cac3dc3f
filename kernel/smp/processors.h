/*
 * The kernel's further processors, for organisations that have any: members of their struct
 * organisation (kernel/organisation/organisation.h).
 */
#ifndef KERNEL_SMP_PROCESSORS_H
#define KERNEL_SMP_PROCESSORS_H

#include <stdbool.h>
#include <stdint.h>

struct interrupt_controller;

/* Looks for processors, at most as many as cpus= says. At boot. */
void processors_find(void);

/* How many there are, the boot processor included; 0 or 1: none but that. At boot. */
uint32_t processors_found(void);

/* Whether several processors will run, or lock=always says that it shall be as if. At boot. */
bool processors_need_locks(void);

/* The local APICs, with the 8259 behind them; the 8259 alone if there is one processor. At boot. */
const struct interrupt_controller *processors_controller(void);

/* Starts those found; reports and leaves out those that do not answer. 0. At boot. */
int processors_start(void);

#endif
