/* Thread-local data, weak and aliased functions, and what position-independent code does for its
 * data. */
#include "corpus.h"

static __thread int local = 5;
__thread int global_local = 6;
static int counter;
int exported = 3;

NOCLONE int reads_local(void)
{
	return local;
}

NOCLONE int *address_of_local(void)
{
	return &global_local;
}

NOCLONE int adds(int value)
{
	counter += value;
	exported += counter;
	return exported;
}

NOCLONE int nothing_much(void)
{
	return counter;
}

NOCLONE void calls_first(void)
{
	opaque(nothing_much());
}

__attribute__((weak)) NOCLONE int weak(int value)
{
	return value + opaque(20);
}

int alias(int value) __attribute__((alias("weak")));

NOCLONE int big_frame(int value)
{
	volatile char room[5000];

	room[value] = 3;
	room[4999 - value] = 4;
	return room[value] + room[4999 - value];
}

void storage_test(void)
{
	*address_of_local() += 1;
	calls_first();
	printf("storage %d %d %d %d %d %d\n", reads_local(), *address_of_local(), adds(opaque(2)),
	       weak(1), alias(2), big_frame(opaque(17)));
}
