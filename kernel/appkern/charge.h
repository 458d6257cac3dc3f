/*
 * Processor time of processes on the application processors.
 */
#ifndef KERNEL_APPKERN_CHARGE_H
#define KERNEL_APPKERN_CHARGE_H

/* Charges, from now on, each tick that an application processor spends on a process to it. */
void charge_init(void);

#endif
