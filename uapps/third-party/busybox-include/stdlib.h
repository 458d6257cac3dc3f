/*
 * The library's <stdlib.h> without two functions of newlib's whose names busybox has for its own.
 */
#ifndef BUSYBOX_STDLIB_H
#define BUSYBOX_STDLIB_H

#define itoa newlib_itoa
#define utoa newlib_utoa
#include_next <stdlib.h>
#undef itoa
#undef utoa

#endif
