/*
 * newlib's <stdlib.h> and the name of the running program, as the BSDs have it.
 */
#ifndef CASTLE_STDLIB_H
#define CASTLE_STDLIB_H

#include_next <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The last part of the path that the program was started as. */
const char *getprogname(void);

#ifdef __cplusplus
}
#endif

#endif
