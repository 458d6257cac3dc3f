/*
 * Application processors (Section 4.3.1): all but the one that booted. Each has its own descriptor
 * tables, timer and CPU-local page, which holds its struct application_processor; the application
 * kernel runs there with interrupts off, and needs neither memory nor devices.
 */
#ifndef KERNEL_APPKERN_IA32_PROCESSOR_H
#define KERNEL_APPKERN_IA32_PROCESSOR_H

#include <stdbool.h>
#include <stdint.h>
#include <castle/info.h>
#include "arch/ia32/descriptor.h"
#include "arch/ia32/segments.h"
#include "arch/ia32/smp/slot.h"
#include "kernel/appkern/castle/native.h"
#include "kernel/appkern/ia32/space.h"

struct application_thread;

#define PROCESSOR_DESCRIPTORS (SEGMENT_USER_TLS / 8 + 1)

/* Events since boot, for the report; written by their processor alone. */
struct application_counts {
	uint32_t calls_forwarded, calls_local, faults_forwarded, faults_repaired,
		exceptions_forwarded;
	uint32_t directories_made, switches, interrupts;
	uint32_t ticks, idle_ticks;
};

struct application_processor {
	struct held_locks held;                      /* first: lock_held_here() */
	struct application_thread *volatile current; /* NULL while idle */
	struct application_thread *loaded;           /* whose registers beyond the frame are here */
	struct application_thread *volatile next;    /* handed over, instead of `current` */
	const struct application_space *volatile leaving; /* a space to leave, if it is active */
	volatile uint32_t halted;                         /* needs an interrupt to see anything */
	uint32_t priority; /* of what it runs; below all others when idle */
	uint32_t number;   /* the boot processor is 0 */
	uint32_t apic_id;
	volatile bool started;
	page_entry_t *slot_table;
	void *stack;
	struct space_directories spaces;
	struct application_counts counts;
	struct descriptor descriptors[PROCESSOR_DESCRIPTORS];
	struct tss tss;
	struct sysenter_stack sysenter_stack;
};

/* The processor that this runs on; an access is one memory operand. */
#define this_processor ((struct application_processor *)CPU_LOCAL_APPKERN)

/* By number, from 1 up, where all processors see them. */
extern struct application_processor *application_processors[CASTLE_CPUS_MAX];
extern uint32_t application_processor_count; /* the boot processor not included */

/* What all of them need, before the first is started. At boot. */
void application_processors_prepare(void);

/*
 * Makes the memory of processor `number` and starts it. 0; -ENOMEM; or -ENODEV if it does not
 * answer. At boot.
 */
int application_processor_start(uint32_t number, uint32_t apic_id, uint32_t apic_address);

/* Makes the processor look at what is asked of it. Any context. */
void application_processor_interrupt(const struct application_processor *processor);

#endif
