/* Control flow: jump tables, labels as values, loops at once, tail calls of all kinds, many ways
 * out. */
#include "corpus.h"

static NOINLINE int table(int value)
{
	switch (value) {
	case 0:
		return opaque(3);
	case 1:
		return opaque(1) + 4;
	case 2:
		return opaque(4) * 2;
	case 3:
		return 1 - opaque(1);
	case 4:
		return opaque(5) ^ 3;
	case 5:
		return opaque(9) / 2;
	case 6:
		return opaque(2);
	case 7:
		opaque(7);
		/* fall through */
	case 8:
		return opaque(8);
	default:
		return -1;
	}
}

static NOINLINE int interpreter(const unsigned char *code)
{
	static void *const labels[] = { &&stop, &&increment, &&twice, &&decrement };
	int value = 0;

	goto *labels[*code++];
increment:
	value++;
	goto *labels[*code++];
twice:
	value *= 2;
	goto *labels[*code++];
decrement:
	value--;
	goto *labels[*code++];
stop:
	return value;
}

static NOINLINE int distances(int which)
{
	static const int offsets[] = { &&one - &&zero, &&two - &&zero, &&zero - &&zero };

	goto *(&&zero + offsets[which]);
zero:
	return opaque(10);
one:
	return opaque(11);
two:
	return opaque(12);
}

static NOINLINE unsigned first_loop(unsigned value)
{
	do
		value -= 3;
	while (value > 100);
	return value;
}

static NOINLINE int length(const char *text)
{
	const char *start = text;

	while (*text)
		text++;
	return text - start;
}

NOCLONE int last(int value)
{
	return value * 3;
}

NOCLONE int tail(int value)
{
	if (value & 1)
		return last(value + 1);
	return last(value);
}

static int (*volatile pointer)(int) = last;
static int (*const pointers[])(int) = { last, tail };

NOCLONE int tail_pointer(int value)
{
	return pointer(value + 5);
}

NOCLONE int tail_table(int value)
{
	return pointers[value & 1](value);
}

NOCLONE int tail_switch(int value)
{
	switch (value) {
	case 0:
		return last(1);
	case 1:
		return tail(2);
	case 2:
		return pointer(3);
	case 3:
		return last(opaque(4));
	case 4:
		return tail(9) + 1;
	case 5:
		return last(11);
	default:
		return pointers[value & 1](value);
	}
}

static NOINLINE int even(int value);

static NOINLINE int odd(int value)
{
	return value == 0 ? 0 : even(value - 1);
}

static NOINLINE int even(int value)
{
	return value == 0 ? 1 : odd(value - 1);
}

static NOINLINE int early(int a, int b, int c)
{
	if (a > b)
		return opaque(c);
	if (b > c) {
		if (opaque(a) == 0)
			return b;
		return c + opaque(b);
	}
	if (c > 50)
		return 50;
	return a + b + c;
}

/* The unlikely part moves away from the rest. */
static NOINLINE int unlikely(int value)
{
	if (__builtin_expect(value > 90, 0)) {
		if (opaque(value) == 95)
			return opaque(1) + opaque(2);
		printf("unlikely %d\n", value);
		return opaque(value) - 90;
	}
	return value + 1;
}

static __attribute__((noinline, cold)) int cold(int value)
{
	return opaque(value) + 2;
}

static NOINLINE int calls_cold(int value)
{
	if (__builtin_expect(value & 8, 0))
		return cold(value) + value;
	return value;
}

NOCLONE void nothing(void)
{
}

NOCLONE int constant(void)
{
	return 42;
}

NOCLONE int identity(int value)
{
	return value;
}

static NOINLINE int fibonacci(int value)
{
	return value < 2 ? value : fibonacci(value - 1) + fibonacci(value - 2);
}

static NOINLINE int deep(int value)
{
	volatile int local = value;

	return value == 0 ? 0 : deep(value - 1) + (local == value);
}

/* What is never reached jumps to itself, and two jumps to each other. */
static NOINLINE int endless(int value)
{
	if (value != 7)
		for (;;)
			;
	return value;
}

static NOINLINE int endless_pair(int value)
{
	if (value == 7)
		return value;
	__asm__ volatile("1: jmp 2f\n2: jmp 1b");
	return 0;
}

void control_test(void)
{
	static const unsigned char code[] = { 1, 1, 2, 1, 2, 3, 2, 0 };
	int sum = 0;

	for (int value = -1; value < 10; value++)
		sum = sum * 3 + table(value) + tail(value) + tail_switch(value & 7);
	printf("control %d %d %d %d %d\n", sum, interpreter(code), distances(0), distances(1),
	       distances(2));
	printf("control %u %d %d %d\n", first_loop(1000), length("hello"), tail_pointer(1),
	       tail_table(3));
	printf("control %d %d %d %d %d\n", even(100), odd(7), early(1, 2, 3), early(3, 2, 1),
	       early(1, 60, 5));
	sum = 0;
	for (int value = 80; value < 100; value++)
		sum += unlikely(value) + calls_cold(value);
	nothing();
	printf("control %d %d %d %d\n", sum, constant(), identity(7), fibonacci(12));
	printf("control %d %d\n", deep(10000), endless(7) + endless_pair(7));
}
