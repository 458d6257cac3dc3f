/*
 * The battery-backed clock of a PC.
 */
#ifndef ARCH_IA32_RTC_H
#define ARCH_IA32_RTC_H

#include <stdint.h>

/* Seconds since 1970-01-01 00:00:00, the clock being taken as UTC. At boot. */
uint32_t rtc_read_seconds(void);

#endif
