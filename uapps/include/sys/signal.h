/*
 * newlib's <sys/signal.h>, but for its macros of sets of signals, which take any number for a
 * signal: the functions (uapps/lib/signal_set.c) refuse one that does not exist; for its struct
 * sigaction, which has no handlers with three arguments; for siginfo_t, which has little to tell;
 * and with 32 real-time signals.
 */
#ifndef CASTLE_SYS_SIGNAL_H
#define CASTLE_SYS_SIGNAL_H

#define sigaction    newlib_sigaction
#define siginfo_t    newlib_siginfo_t
#define sigwaitinfo  newlib_sigwaitinfo
#define sigtimedwait newlib_sigtimedwait
#undef SA_NOCLDSTOP
#include_next <sys/signal.h>
#undef sigaction
#undef siginfo_t
#undef sigwaitinfo
#undef sigtimedwait
#undef SA_NOCLDSTOP

#define SA_NOCLDSTOP 0x01
#define SA_SIGINFO   0x02 /* the handler gets a siginfo_t, and a null pointer for the context */
#define SA_ONSTACK   0x04 /* it runs on the stack that sigaltstack() has named */
#define SA_RESTART   0x10 /* read(), write() and wait() go on */
#define SA_NODEFER   0x20
#define SA_RESETHAND 0x40

#undef NSIG
#define NSIG 64 /* as in castle/abi.h */

/* Queued one by one. newlib's number 29, SIGLOST, stands for all of them in the kernel. */
#undef SIGLOST
#define SIGRTMIN 32
#define SIGRTMAX 62 /* 63 is the library's own */

#undef SI_USER
#undef SI_QUEUE
#undef SI_TIMER
#undef SI_ASYNCIO
#undef SI_MESGQ
#define SI_USER    0
#define SI_QUEUE   (-1)
#define SI_TIMER   (-2)
#define SI_MESGQ   (-3)
#define SI_ASYNCIO (-4)

/* Reasons that si_code has: the kernel tells the first one of each kind of fault. */
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
enum { TRAP_BRKPT = 1, TRAP_TRACE };
enum {
	CLD_EXITED = 1,
	CLD_KILLED,
	CLD_DUMPED,
	CLD_TRAPPED,
	CLD_STOPPED,
	CLD_CONTINUED,
};

#if defined(_POSIX_REALTIME_SIGNALS) || __POSIX_VISIBLE >= 199309
typedef struct {
	int si_signo;
	int si_code;
	int si_errno; /* 0 */
	pid_t si_pid;
	uid_t si_uid;  /* 0 */
	void *si_addr; /* at fault */
	int si_status; /* of a child: its status, or the signal */
	long si_band;  /* 0 */
	union sigval si_value;
	int si_timerid;
	int si_overrun; /* 0: timer_getoverrun() tells */
} siginfo_t;

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
#if defined(_POSIX_REALTIME_SIGNALS) || __POSIX_VISIBLE >= 199309
int sigwaitinfo(const sigset_t *set, siginfo_t *information);
int sigtimedwait(const sigset_t *set, siginfo_t *information, const struct timespec *timeout);
void psiginfo(const siginfo_t *information, const char *text);
#endif
int siginterrupt(int signal, int interrupts);

#ifdef __cplusplus
}
#endif

#undef sigemptyset
#undef sigfillset
#undef sigaddset
#undef sigdelset
#undef sigismember

#endif
