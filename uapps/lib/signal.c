/*
 * Signals. The kernel enters a handler with the library's trampoline as its return address; the
 * trampoline asks the kernel to go on where the signal struck.
 */
#include <signal.h>
#include <unistd.h>
#include "bootstrap_native.h"
#include "result.h"

/*
 * Where a handler returns to. %esp then points at the signal number, and the kernel finds the
 * interrupted registers right above it: so this enters by int 0x80, which pushes nothing.
 */
__attribute__((naked)) static void signal_return(void)
{
	__asm__ volatile("mov %0, %%eax\n\tint $0x80" : : "i"(CASTLE_CALL_sigreturn));
}

/* Signals that exist; POSIX's functions refuse others with EINVAL. */
static int bad_signal(int signal)
{
	return signal < 1 || signal >= CASTLE_SIGNAL_COUNT;
}

static int exchange_action(uint32_t signal, const struct castle_sigaction *new,
			   struct castle_sigaction *old)
{
	if (thread_self()->bootstrap)
		return bootstrap_sigaction(signal, address(new), address(old));
	return castle_call3(CASTLE_CALL_sigaction, signal, address(new), address(old));
}

int sigaction(int signal, const struct sigaction *restrict action, struct sigaction *restrict old)
{
	struct castle_sigaction castle_new, castle_old;
	int result;

	if (action)
		castle_new = (struct castle_sigaction){
			.handler = (uintptr_t)action->sa_handler,
			.mask = action->sa_mask,
			.restorer = (uintptr_t)signal_return,
		};
	result = exchange_action(signal, action ? &castle_new : NULL, old ? &castle_old : NULL);
	if (!result && old)
		*old = (struct sigaction){
			.sa_handler = (_sig_func_ptr)(uintptr_t)castle_old.handler,
			.sa_mask = castle_old.mask,
		};
	return result_of(result);
}

/* With BSD's meaning: the handler stays, and its signal is blocked while it runs. */
_sig_func_ptr signal(int signal, _sig_func_ptr handler)
{
	struct sigaction new = { .sa_handler = handler }, old;

	return sigaction(signal, &new, &old) ? SIG_ERR : old.sa_handler;
}

int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
	return result_of(castle_call3(CASTLE_CALL_sigprocmask, how, address(set), address(old)));
}

int pthread_sigmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
	return -castle_call3(CASTLE_CALL_sigprocmask, how, address(set), address(old));
}

int sigsuspend(const sigset_t *mask)
{
	return result_of(castle_call1(CASTLE_CALL_sigsuspend, *mask));
}

int pause(void)
{
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	return sigsuspend(&mask);
}

int _kill_r(struct _reent *reent, int pid, int signal)
{
	return result_in(reent, castle_call2(CASTLE_CALL_kill, pid, signal));
}

int kill(pid_t pid, int signal)
{
	return _kill_r(_REENT, pid, signal);
}

/* To the thread that calls it (POSIX): another one may take what is sent to the process. */
int raise(int signal)
{
	if (bad_signal(signal))
		return failure(EINVAL);
	return result_of(
		castle_call2(CASTLE_CALL_thread_kill, castle_call0(CASTLE_CALL_gettid), signal));
}
