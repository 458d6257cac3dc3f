/*
 * Names as people write them. C++ compilers encode a function's scope and arguments in its name.
 */
#ifndef LOPI_DEMANGLE_H
#define LOPI_DEMANGLE_H

/* The name with scope and arguments, `geometry::area(int, int)`; a name of C is returned as it is.
 */
const char *demangle(const char *name);

/* Without arguments and result: `geometry::area`. */
const char *demangle_short(const char *name);

#endif
