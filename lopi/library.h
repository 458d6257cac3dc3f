/*
 * liblopi.a: the runtime that instrumented objects are linked with.
 */
#ifndef LOPI_LIBRARY_H
#define LOPI_LIBRARY_H

#include "options.h"

/* The symbol that only the right runtime defines. */
const char *library_tag(const struct options *options);

/* Writes liblopi.a beside the copies, compiling the user's hooks into it if there are any. */
void library_write(const struct options *options);

#endif
