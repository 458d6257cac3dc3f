/*
 * liblopi.a: the runtime that instrumented objects are linked with.
 */
#ifndef LOPI_LIBRARY_H
#define LOPI_LIBRARY_H

#include "options.h"

/* The symbol that only the right runtime defines. */
const char *library_tag(const struct options *options);

/* Where the library of the payload is that the tool came with. */
const char *library_ready_made(const struct options *options);

/* The runtime that shared objects share: where the ready-made one is. */
const char *library_shared(const struct options *options);

/* Makes the library at `path`. */
void library_make(const struct options *options, const char *path);

/* Writes liblopi.a beside the copies, compiling the user's hooks into it if there are any. */
void library_write(const struct options *options);

#endif
