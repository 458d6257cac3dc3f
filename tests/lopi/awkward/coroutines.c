/* Two coroutines, each with calls under way when the other one goes on. */
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

enum { STACK_SIZE = 65536, TURNS = 20 };

static ucontext_t first, contexts[2];
static int turn;

static __attribute__((noinline)) int work(int depth)
{
	if (depth)
		return work(depth - 1) + 1;
	swapcontext(&contexts[turn & 1], &contexts[!(turn & 1)]);
	return turn;
}

static void coroutine(void)
{
	for (int count = 0; count < TURNS; count++) {
		turn++;
		printf("%d ", work(turn % 5));
	}
}

int main(void)
{
	for (int which = 0; which < 2; which++) {
		getcontext(&contexts[which]);
		contexts[which].uc_stack.ss_sp = malloc(STACK_SIZE);
		contexts[which].uc_stack.ss_size = STACK_SIZE;
		contexts[which].uc_link = &first;
		makecontext(&contexts[which], coroutine, 0);
	}
	swapcontext(&first, &contexts[1]);
	puts("");
	return 0;
}
