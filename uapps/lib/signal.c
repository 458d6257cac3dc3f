/*
 * Signals. The kernel enters a handler with the library's trampoline as its return address; the
 * trampoline asks the kernel to go on where the signal struck.
 */
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>
#include "bootstrap_native.h"
#include "signal_internal.h"
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
	return signal < 1 || signal >= CASTLE_SIGNAL_COUNT || signal == CASTLE_SIGREALTIME;
}

static int exchange_action(uint32_t signal, const struct castle_sigaction *new,
			   struct castle_sigaction *old)
{
	if (thread_self()->bootstrap)
		return bootstrap_sigaction(signal, address(new), address(old));
	return castle_call3(CASTLE_CALL_sigaction, signal, address(new), address(old));
}

/*
 * What the program wants done, for signals with a handler: the kernel is told of deliver() instead,
 * which knows the flags. The mask that was asked for is kept with the kernel.
 */
struct program_action {
	union {
		_sig_func_ptr plain;
		void (*informed)(int, siginfo_t *, void *);
	} handler;
	int flags;
};

static struct program_action actions[CASTLE_SIGNAL_COUNT];

bool signal_restarts(void)
{
	struct __castle_thread *self = thread_self();
	const bool restarts = self->restarting && !self->interrupting;

	self->restarting = self->interrupting = false;
	return restarts;
}

siginfo_t signal_information(int number, const struct castle_signal_info *told)
{
	return (siginfo_t){
		.si_signo = number,
		.si_code = told->code,
		.si_pid = told->pid,
		.si_addr = told->code > 0 ? (void *)(uintptr_t)told->value : NULL,
		.si_status = told->status,
		.si_timerid = told->status,
		.si_value = { .sival_ptr = (void *)(uintptr_t)told->value },
	};
}

/* Every handler is entered here: its arguments are what the kernel has put on the stack. */
static void deliver(struct signal_arguments arguments)
{
	const int number = arguments.signal;
	const struct program_action action = actions[number];
	const sigset_t own = (sigset_t)1 << number;

	if (action.flags & SA_RESTART)
		thread_self()->restarting = true;
	else
		thread_self()->interrupting = true;
	if (action.flags & SA_RESETHAND)
		signal(number, SIG_DFL);
	if (action.flags & SA_NODEFER)
		castle_call3(CASTLE_CALL_sigmask, SIG_UNBLOCK, address(&own), 0);
	if (action.flags & SA_SIGINFO) {
		siginfo_t information = signal_information(number, &arguments.info);

		action.handler.informed(number, &information, NULL);
	} else {
		action.handler.plain(number);
	}
}

static bool is_handler(uint32_t handler)
{
	return handler != (uintptr_t)SIG_DFL && handler != (uintptr_t)SIG_IGN;
}

static struct castle_sigaction castle_action(int signal, const struct sigaction *action)
{
	struct castle_sigaction castle = {
		.handler = (uintptr_t)action->sa_handler,
		.mask = (uint32_t)action->sa_mask & ~(1u << CASTLE_SIGREALTIME),
		.realtime = action->sa_mask >> CASTLE_SIGRTMIN,
		.flags = action->sa_flags & SA_ONSTACK,
		.restorer = (uintptr_t)signal_return,
	};

	if (is_handler(castle.handler))
		castle.handler = (uintptr_t)deliver;
	if (signal == SIGCHLD && action->sa_flags & SA_NOCLDSTOP)
		castle.mask |= CASTLE_SIGNAL_NO_STOPS;
	return castle;
}

int sigaction(int signal, const struct sigaction *restrict action, struct sigaction *restrict old)
{
	struct castle_sigaction new, castle_old;
	struct program_action before;
	int result;

	if (bad_signal(signal))
		return failure(EINVAL);
	before = actions[signal];
	if (action) {
		new = castle_action(signal, action);
		if (is_handler(new.handler))
			actions[signal] =
				(struct program_action){ { action->sa_handler }, action->sa_flags };
	}
	result = exchange_action(signal, action ? &new : NULL, old ? &castle_old : NULL);
	if (result)
		actions[signal] = before;
	if (!result && old) {
		*old = (struct sigaction){ .sa_mask = (sigset_t)castle_old.realtime
							      << CASTLE_SIGRTMIN |
						      (castle_old.mask & ~CASTLE_SIGNAL_NO_STOPS) };
		old->sa_handler = (_sig_func_ptr)(uintptr_t)castle_old.handler;
		if (castle_old.handler == (uintptr_t)deliver) {
			old->sa_handler = before.handler.plain;
			old->sa_flags = before.flags;
		}
	}
	return result_of(result);
}

/* With BSD's meaning: the handler stays, and its signal is blocked while it runs. */
_sig_func_ptr signal(int signal, _sig_func_ptr handler)
{
	struct sigaction new = { .sa_handler = handler, .sa_flags = SA_RESTART }, old;

	return sigaction(signal, &new, &old) ? SIG_ERR : old.sa_handler;
}

/* The bit that stands for all real-time signals is the kernel's. */
static int32_t set_mask(int how, const sigset_t *set, sigset_t *old)
{
	const sigset_t kernels = (sigset_t)1 << CASTLE_SIGREALTIME;
	const sigset_t programs = set ? *set & ~kernels : 0;
	const int32_t result = castle_call3(CASTLE_CALL_sigmask, how,
					    address(set ? &programs : NULL), address(old));

	if (!result && old)
		*old &= ~kernels;
	return result;
}

int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
	return result_of(set_mask(how, set, old));
}

int pthread_sigmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
	return -set_mask(how, set, old);
}

int sigsuspend(const sigset_t *mask)
{
	int result;

	cancel_point_begin();
	result = castle_call2(CASTLE_CALL_sigsuspend, (uint32_t)*mask & ~(1u << CASTLE_SIGREALTIME),
			      (uint32_t)(*mask >> CASTLE_SIGRTMIN));
	cancel_point_end();
	return result_of(result);
}

int sigpending(sigset_t *set)
{
	return result_of(castle_call1(CASTLE_CALL_sigpending, address(set)));
}

int sigaltstack(const stack_t *restrict new, stack_t *restrict old)
{
	struct castle_stack stack, before;
	int result;

	if (new)
		stack = (struct castle_stack){ address(new->ss_sp), new->ss_flags, new->ss_size };
	result = castle_call2(CASTLE_CALL_sigaltstack, address(new ? &stack : NULL),
			      address(&before));
	if (!result && old)
		*old = (stack_t){ .ss_sp = (void *)(uintptr_t)before.base,
				  .ss_flags = before.flags,
				  .ss_size = before.size };
	return result_of(result);
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

int sigqueue(pid_t pid, int signal, const union sigval value)
{
	return result_of(castle_call3(CASTLE_CALL_sigqueue, pid, signal, address(value.sival_ptr)));
}

/* Whether calls that the signal's handler interrupts end with EINTR. */
int siginterrupt(int signal, int interrupts)
{
	struct sigaction action;

	if (sigaction(signal, NULL, &action))
		return -1;
	action.sa_flags = interrupts ? action.sa_flags & ~SA_RESTART : action.sa_flags | SA_RESTART;
	return sigaction(signal, &action, NULL);
}

void psiginfo(const siginfo_t *information, const char *text)
{
	psignal(information->si_signo, text);
}
