/*
 * Processor time of processes on the application processors.
 */
#ifndef KERNEL_APPKERN_CASTLE_CHARGE_H
#define KERNEL_APPKERN_CASTLE_CHARGE_H

/* From now on, processes pay for the ticks that application processors spend on them. At boot. */
void charge_init(void);

#endif
