/*
 * The local APIC of each processor (Intel SDM volume 3, chapter 11): interrupts between processors,
 * and a timer for each. Its registers are mapped in the CPU-local slot.
 *
 * Contract of all functions here: Any context, on the processor that is meant.
 */
#ifndef ARCH_IA32_SMP_APIC_H
#define ARCH_IA32_SMP_APIC_H

#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/interrupt.h"
#include "arch/ia32/trap.h"

/* Interrupt lines of the local APIC, behind those of the 8259. Their vectors follow likewise. */
#define APIC_LINE_TIMER      16
#define APIC_LINE_RESCHEDULE 17
#define APIC_LINE_CALL       18
#define APIC_LINE_KICK       19 /* needs no handler: it ends a hlt */
#define APIC_LINE_CONSOLE    20
#define APIC_LINE_SPURIOUS   31

/* The 8259 wired through to the boot processor ("virtual wire mode"), and the local APICs. */
extern const struct interrupt_controller interrupt_controller_apic;

/*
 * Switches this processor's APIC on. That of the processor which `takes_devices` gets the 8259's
 * interrupts. Spurious interrupts have the vector of `spurious_line`, and are not to be ended.
 */
void apic_init_processor(bool takes_devices, uint32_t spurious_line);

uint32_t apic_id(void);

/* Sends the interrupt of a line to another processor. Any context, but not at first level. */
void apic_send(uint32_t apic_id, uint32_t line);

/* Sends a non-maskable interrupt. Any context. */
void apic_send_nmi(uint32_t apic_id);

/*
 * INIT and start-up interrupts (SDM section 9.4.4); `page` is the start address, below 1 MB. At
 * boot.
 */
void apic_send_init(uint32_t apic_id);
void apic_send_startup(uint32_t apic_id, uint32_t page);

/* Counts of the APIC's timer in `microseconds`, measured. Interrupts are off. At boot. */
uint32_t apic_timer_measure(uint32_t microseconds);

/* Raises APIC_LINE_TIMER after `count`: once, or again and again. */
void apic_timer_start(uint32_t count, bool periodic);
void apic_timer_stop(void);

/* Ends the interrupt that this processor is serving: the next one may come. */
void apic_end_interrupt(void);

#endif
