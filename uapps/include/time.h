/*
 * newlib's <time.h>, and BSD's timegm().
 */
#ifndef CASTLE_TIME_H
#define CASTLE_TIME_H

#include_next <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* mktime() for UTC. */
time_t timegm(struct tm *date);

#ifdef __cplusplus
}
#endif

#endif
