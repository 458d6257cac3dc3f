/*
 * What the C library does differently for a thread that is native for a while (bootstrap_native.c):
 * thread_self()->bootstrap is its block then, and null in every other thread.
 */
#ifndef CASTLE_LIB_BOOTSTRAP_NATIVE_H
#define CASTLE_LIB_BOOTSTRAP_NATIVE_H

#include "bootstrap.h"
#include "thread.h"

/*
 * Makes the calling thread, which is native, a bootstrap thread again: its application thread comes
 * back from here. If that cannot be, the native thread does.
 */
void bootstrap_return(struct bootstrap *b);

/* A native thread creates another: a pair, too. Results are the call's. */
int32_t bootstrap_create_thread(struct bootstrap *b, const struct castle_thread *thread);

/* The child of a native thread's fork becomes a pair of its own. */
void bootstrap_after_fork(struct bootstrap *b);

#endif
