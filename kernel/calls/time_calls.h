/*
 * The system calls on time. Contract of all functions here: caller holds nothing; may block.
 */
#ifndef KERNEL_CALLS_TIME_CALLS_H
#define KERNEL_CALLS_TIME_CALLS_H

#include <stdint.h>

int32_t sys_clock_gettime(uint32_t clock, uint32_t time);
int32_t sys_nanosleep(uint32_t request, uint32_t left);

#endif
