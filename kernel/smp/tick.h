/*
 * The further processors' timers: time slices (Section 3.3.1), and jitter for tests.
 */
#ifndef KERNEL_SMP_TICK_H
#define KERNEL_SMP_TICK_H

/* Measures the local APIC's timer; once, interrupts off. At boot. */
void tick_init(void);

/*
 * Starts this processor's ticks. The boot processor has the system timer's, and another timer only
 * for the command line's jitter=SEED: then all processors reschedule at random times. At boot, on
 * each processor.
 */
void tick_start_processor(void);

#endif
