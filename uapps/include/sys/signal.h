/*
 * newlib's <sys/signal.h>, but for its macros of sets of signals, which take any number for a
 * signal: the functions (uapps/lib/signal_set.c) refuse one that does not exist; and for its struct
 * sigaction, which has no handlers with three arguments.
 */
#ifndef CASTLE_SYS_SIGNAL_H
#define CASTLE_SYS_SIGNAL_H

#define sigaction newlib_sigaction
#undef SA_NOCLDSTOP
#include_next <sys/signal.h>
#undef sigaction
#undef SA_NOCLDSTOP

#define SA_NOCLDSTOP 0x01 /* always so: nobody stops */
#define SA_SIGINFO \
	0x02 /* the handler gets a siginfo_t (si_signo and SI_USER in it), and a null pointer */
#define SA_RESTART   0x10 /* read(), write() and wait() go on */
#define SA_NODEFER   0x20
#define SA_RESETHAND 0x40

/* Reasons that a siginfo_t could tell, for programs that name them: the kernel tells none
 * (SI_USER). */
enum {
	ILL_ILLOPC = 1,
	ILL_ILLOPN,
	ILL_ILLADR,
	ILL_ILLTRP,
	ILL_PRVOPC,
	ILL_PRVREG,
	ILL_COPROC,
	ILL_BADSTK,
};
enum {
	FPE_INTDIV = 1,
	FPE_INTOVF,
	FPE_FLTDIV,
	FPE_FLTOVF,
	FPE_FLTUND,
	FPE_FLTRES,
	FPE_FLTINV,
	FPE_FLTSUB,
};
enum { SEGV_MAPERR = 1, SEGV_ACCERR };
enum { BUS_ADRALN = 1, BUS_ADRERR, BUS_OBJERR };
enum {
	CLD_EXITED = 1,
	CLD_KILLED,
	CLD_DUMPED,
	CLD_TRAPPED,
	CLD_STOPPED,
	CLD_CONTINUED,
};

#if defined(_POSIX_REALTIME_SIGNALS) || __POSIX_VISIBLE >= 199309
struct sigaction {
	__extension__ union {
		_sig_func_ptr sa_handler;
		void (*sa_sigaction)(int, siginfo_t *, void *);
	};
	sigset_t sa_mask;
	int sa_flags;
};
#else
struct sigaction {
	_sig_func_ptr sa_handler;
	sigset_t sa_mask;
	int sa_flags;
};
#endif

#ifdef __cplusplus
extern "C" {
#endif

int sigaction(int signal, const struct sigaction *action, struct sigaction *old);

#ifdef __cplusplus
}
#endif

#undef sigemptyset
#undef sigfillset
#undef sigaddset
#undef sigdelset
#undef sigismember

#endif
