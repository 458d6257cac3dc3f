/*
 * A signal comes after each instruction of functions, their stubs and the runtime, for the
 * processor's trap flag is on; its handler calls functions, too. Prints what they computed, and how
 * often the handler called.
 *
 * usage: program ROUNDS DEPTH
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#define NOINLINE __attribute__((noinline))

enum { TRAP_FLAG = 0x100 };

static volatile unsigned handled, sum;

NOINLINE void inner(int value)
{
	sum += value;
}

NOINLINE void outer(int value)
{
	inner(value);
	inner(value + 1);
}

NOINLINE int deep(int depth)
{
	return depth == 0 ? 0 : deep(depth - 1) + 1;
}

/* Many callers of one. */
#define ONE(name)                            \
	static NOINLINE void one##name(void) \
	{                                    \
		inner(1);                    \
	}
#define CALL(name) one##name();

#define TEN(of, name)                                                                       \
	of(name##0) of(name##1) of(name##2) of(name##3) of(name##4) of(name##5) of(name##6) \
		of(name##7) of(name##8) of(name##9)
#define HUNDRED(of, name) \
	TEN(of, name##0)  \
	TEN(of, name##1)  \
	TEN(of, name##2)  \
	TEN(of, name##3)  \
	TEN(of, name##4)  \
	TEN(of, name##5) TEN(of, name##6) TEN(of, name##7) TEN(of, name##8) TEN(of, name##9)

HUNDRED(ONE, 1)

NOINLINE void many(void){ HUNDRED(CALL, 1) }

NOINLINE void in_handler_inner(void)
{
	handled++;
}

NOINLINE void in_handler(void)
{
	in_handler_inner();
}

/* Where signals are blocked, one of another kind could not come either. */
static void stepped(int signal, siginfo_t *information, void *context)
{
	(void)signal;
	(void)information;
	if (!sigismember(&((ucontext_t *)context)->uc_sigmask, SIGUSR1))
		in_handler();
}

#ifdef __x86_64__
#define READ_FLAGS  __builtin_ia32_readeflags_u64
#define WRITE_FLAGS __builtin_ia32_writeeflags_u64
#else
#define READ_FLAGS  __builtin_ia32_readeflags_u32
#define WRITE_FLAGS __builtin_ia32_writeeflags_u32
#endif

static inline void start_stepping(void)
{
	WRITE_FLAGS(READ_FLAGS() | TRAP_FLAG);
	__asm__ volatile("" : : : "memory");
}

static inline void stop_stepping(void)
{
	__asm__ volatile("" : : : "memory");
	WRITE_FLAGS(READ_FLAGS() & ~TRAP_FLAG);
}

int main(int count, char **arguments)
{
	int rounds = atoi(arguments[1]), depth = atoi(arguments[count - 1]), reached;

	sigaction(SIGTRAP, &(struct sigaction){ .sa_sigaction = stepped, .sa_flags = SA_SIGINFO },
		  NULL);
	start_stepping();
	for (int round = 0; round < rounds; round++)
		outer(round);
	reached = deep(depth);
	many();
	stop_stepping();
	printf("%u %d %u\n", sum, reached, handled);
	return 0;
}
