/*
 * What the rest of the kernel asks of the machine's further processors (kernel/smp). The
 * uniprocessor kernel has none.
 */
#ifndef ARCH_IA32_PROCESSORS_H
#define ARCH_IA32_PROCESSORS_H

#include <stdbool.h>
#include <stdint.h>
#include <castle/info.h>
#include "arch/ia32/interrupt.h"
#include "arch/ia32/trap.h"

#ifdef CASTLE_SMP
/* Stops all others, for the machine's last words. Any context. */
void processors_stop(void);

/* True once processors_stop() was called: a non-maskable interrupt says so. Any context. */
bool processors_are_stopping(void);

/* This one has, and does nothing more: processors_stop() waits for that. Any context. */
void processor_has_stopped(void);

/* The local APIC of processor `cpu`. Any context. */
uint32_t processors_apic_id(uint32_t cpu);

/* True if this processor is a further one and its kernel stack is there. Any context. */
bool processors_stack_contains(uint32_t address);

/*
 * Has device_cpu (arch/ia32/interrupt.h) send the console's output; false on that processor itself.
 * Any context.
 */
bool processors_ask_device_cpu(void);

/* Start or stop the account on all other processors. Caller holds driver. */
void processors_account_start(void);
void processors_account_stop(void);

#else
static inline void processors_stop(void)
{
}

static inline bool processors_are_stopping(void)
{
	return false;
}

static inline void processor_has_stopped(void)
{
}

static inline uint32_t processors_apic_id(uint32_t cpu)
{
	return cpu;
}

static inline bool processors_stack_contains(uint32_t address)
{
	(void)address;
	return false;
}

static inline bool processors_ask_device_cpu(void)
{
	return false;
}

static inline void processors_account_start(void)
{
}

static inline void processors_account_stop(void)
{
}
#endif

#endif
