/*
 * lopi cc, lopi c++: compiler drivers that instrument what they compile. They take the compiler's
 * own command line, so a project is built with CC="lopi cc".
 */
#ifndef LOPI_DRIVER_H
#define LOPI_DRIVER_H

#include <stdbool.h>

/* The command, its name first: cc or c++, which LOPI_CC and LOPI_CXX say more of. Returns the exit
 * status. */
int driver(int count, char **arguments);

/* The same for a tool that was called by the compiler's name. */
int driver_called(int count, char **arguments);

/* Whether the tool was called by a compiler's name: lopi record puts such ones into the PATH. */
bool driver_is_called(const char *path);

/* The names that lopi record puts there; null ends them. */
extern const char *const driver_names[];

#endif
