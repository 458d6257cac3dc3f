/*
 * newlib's <sys/signal.h>, but for its macros of sets of signals, which take any number for a signal:
 * the functions (uapps/lib/signal_set.c) refuse one that does not exist.
 */
#ifndef CASTLE_SYS_SIGNAL_H
#define CASTLE_SYS_SIGNAL_H

#include_next <sys/signal.h>

#undef sigemptyset
#undef sigfillset
#undef sigaddset
#undef sigdelset
#undef sigismember

#endif
