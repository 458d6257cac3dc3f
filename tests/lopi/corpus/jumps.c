/* Functions left for good by longjmp, entered by signals, and cleaned up behind. */
#include "corpus.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>

static jmp_buf back;
static volatile int handled;

static NOINLINE int jumps(int depth)
{
	if (depth == 0)
		longjmp(back, opaque(7));
	return jumps(depth - 1) + opaque(1);
}

static NOINLINE int catches(int depth)
{
	volatile int kept = opaque(depth);
	int result = setjmp(back);

	if (result == 0)
		return jumps(depth);
	return kept + result;
}

static NOINLINE int repeatedly(int rounds)
{
	int sum = 0;

	for (int round = 0; round < rounds; round++)
		sum += catches(round % 5);
	return sum;
}

static NOINLINE void in_handler(int signal)
{
	handled += signal == SIGUSR1 ? opaque(1) : 100;
}

static void handler(int signal)
{
	in_handler(signal);
}

static NOINLINE int raises(int times)
{
	signal(SIGUSR1, handler);
	while (times-- > 0)
		raise(SIGUSR1);
	return handled;
}

static NOINLINE void cleanup(int *value)
{
	handled += *value;
}

static NOINLINE int cleans_up(int value)
{
	int kept __attribute__((cleanup(cleanup))) = opaque(value);

	return opaque(kept) * 2;
}

static int compare(const void *one, const void *other)
{
	return *(const int *)one - *(const int *)other;
}

static NOINLINE int sorts(void)
{
	int numbers[] = { 5, 3, 9, 1, 7, 2 };

	qsort(numbers, 6, sizeof(int), compare);
	return numbers[0] * 10 + numbers[5];
}

void jumps_test(void)
{
	handled = 0;
	printf("jumps %d %d\n", catches(3), repeatedly(1000));
	printf("jumps %d %d %d %d\n", raises(5), cleans_up(4), handled, sorts());
}
