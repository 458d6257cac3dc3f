/*
 * POSIX's XSI option: clock() counts microseconds (newlib: milliseconds, unless told).
 */
#ifndef CASTLE_MACHINE_TIME_H
#define CASTLE_MACHINE_TIME_H

#define _CLOCKS_PER_SEC_ 1000000

#endif
