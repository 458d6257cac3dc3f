/*
 * What a thread does with all signals blocked, since their handlers may have to do it, too. Signals
 * that tell of an instruction stay as they are: the kernel ends programs that block them.
 */
#ifndef LOPI_RUNTIME_SIGNALS_H
#define LOPI_RUNTIME_SIGNALS_H

#include <signal.h>

static inline void lopi_signals_block(sigset_t *before)
{
	static const int synchronous[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
	sigset_t all;

	sigfillset(&all);
	for (unsigned index = 0; index < sizeof(synchronous) / sizeof(synchronous[0]); index++)
		sigdelset(&all, synchronous[index]);
	sigprocmask(SIG_BLOCK, &all, before);
}

static inline void lopi_signals_restore(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}

#endif
