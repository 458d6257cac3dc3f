/* Handlers on a stack of their own, of a stack that has no more room, and left by siglongjmp(). */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { STACK_SIZE = 65536 };

static sigjmp_buf back;
static volatile int hits;

static __attribute__((noinline)) int count(int value)
{
	hits++;
	return value + 1;
}

static void handler(int number)
{
	hits = count(hits);
	if (number == SIGSEGV)
		siglongjmp(back, 1);
}

static __attribute__((noinline)) int endless(int depth)
{
	volatile char local[4096];

	local[depth % 4096] = depth;
	return endless(depth + 1) + local[5];
}

int main(void)
{
	stack_t stack = { .ss_sp = malloc(STACK_SIZE), .ss_size = STACK_SIZE };
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_ONSTACK };

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	for (int round = 0; round < 2; round++) {
		raise(SIGUSR1);
		if (!sigsetjmp(back, 1))
			endless(0);
	}
	printf("%d %d\n", count(4), hits);
	return 0;
}
