/*
 * POSIX's XSI option: clock() counts microseconds (newlib: milliseconds, unless told).
 */
#ifndef CASTLE_MACHINE_TIME_H
#define CASTLE_MACHINE_TIME_H

#define _CLOCKS_PER_SEC_ 1000000

/* CLOCK_PROCESS_CPUTIME_ID: ticks of all threads together. There is none of a thread alone. */
#ifndef _POSIX_CPUTIME
#define _POSIX_CPUTIME 200809L
#endif

#endif
