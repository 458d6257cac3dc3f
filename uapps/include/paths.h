/*
 * newlib's <paths.h>, and the terminal.
 */
#ifndef CASTLE_PATHS_H
#define CASTLE_PATHS_H

#include_next <paths.h>

#define _PATH_TTY     "/dev/tty"
#define _PATH_TMP     "/tmp/"
#define _PATH_DEFPATH "/bin"
#define _PATH_STDPATH "/bin"

#endif
