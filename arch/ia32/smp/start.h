/*
 * Starting further processors with INIT and start-up interrupts (Intel SDM volume 3, section
 * 9.4.4), for any kernel that is to run on them. The boot processor's local APIC must be on.
 *
 * Contract of all functions here: At boot.
 */
#ifndef ARCH_IA32_SMP_START_H
#define ARCH_IA32_SMP_START_H

#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/smp/find.h"

/*
 * Lists the machine's processors, at most `most` of them and this one first; says on the console if
 * there is no table of them, or if there are too many. A table that does not name this processor
 * cannot be trusted, and the list is empty then. Call while all physical memory can be read.
 */
void processors_find_usable(struct processor_list *list, uint32_t most);

/* Whether there is memory for another processor, beside what is left to programs. */
bool processors_leave_memory(void);

/* Says that a processor is left out: -ENOMEM for it, or it does not answer. */
void processor_report(uint32_t apic_id, int error);

/* Puts the first instructions of a processor in place. False, with a message, if it is taken. */
bool trampoline_install(void);

/* Resets all processors of the list but the first, and waits until they have done so. */
void processors_reset(const struct processor_list *list);

/*
 * Starts a processor that was reset: paging on with `directory`, which maps the first 4 MB and the
 * CPU-local slot's stack, on that stack, in `entry`, which does not return. True when *started is:
 * the processor sets it once it has reached its kernel. False if it does not answer; then it never
 * comes later, and what it was to have may be freed.
 */
bool processor_start(uint32_t apic_id, uint32_t directory, void (*entry)(void),
		     const volatile bool *started);

#endif
