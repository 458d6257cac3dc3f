/* Calling conventions: registers for arguments, results of every kind, values kept across calls. */
#include "corpus.h"

#include <stdarg.h>

struct pair {
	int first, second;
};

struct big {
	int numbers[8];
};

NOCLONE struct pair make_pair(int first, int second)
{
	return (struct pair){ first, second };
}

NOCLONE struct big make_big(int start)
{
	struct big big;

	for (int index = 0; index < 8; index++)
		big.numbers[index] = start + index;
	return big;
}

NOCLONE long long wide(int high, int low)
{
	return (long long)high << 32 | (unsigned)low;
}

NOCLONE double floating(double value)
{
	return value * 1.5 + 0.25;
}

NOCLONE long double long_floating(long double value)
{
	return value / 3;
}

NOCLONE float single(float value)
{
	return value + 0.5f;
}

static NOINLINE __attribute__((regparm(3))) int three(int a, int b, int c)
{
	return a * 100 + b * 10 + c;
}

static NOINLINE __attribute__((regparm(3))) int pass_on(int a, int b, int c)
{
	return three(c, a, b);
}

static NOINLINE __attribute__((fastcall)) int fast(int a, int b)
{
	return a - b;
}

static NOINLINE __attribute__((stdcall)) int cleans(int a, int b, int c)
{
	return a + b * c;
}

static NOINLINE __attribute__((regparm(1))) int one_register(int a)
{
	return opaque(a) + a;
}

/* Changes eax alone, so that a caller may keep values in ecx and edx. */
static NOINLINE int only_eax(int value)
{
	return value + 7;
}

static NOINLINE int keeps(int a, int b, int c)
{
	int sum = 0;

	for (int round = 0; round < 5; round++) {
		sum += only_eax(a) * b;
		sum ^= only_eax(sum) + c;
		a += b - c;
	}
	return sum + a + b + c;
}

static NOINLINE unsigned mix(unsigned a, unsigned b, unsigned c, unsigned d)
{
	return (a << 3 ^ b) + (c << 5 ^ d);
}

static NOINLINE unsigned many(unsigned seed)
{
	unsigned a = seed, b = seed + 1, c = seed + 2, d = seed + 3;

	for (int round = 0; round < 10; round++) {
		unsigned next = mix(a, b, c, d);

		a = b;
		b = c;
		c = d;
		d = next + only_eax((int)a);
	}
	return a ^ b ^ c ^ d;
}

NOCLONE int sum_of(int count, ...)
{
	va_list arguments;
	int sum = 0;

	va_start(arguments, count);
	while (count-- > 0)
		sum += va_arg(arguments, int);
	va_end(arguments);
	return sum;
}

#ifndef __clang__
/* The inner function finds its outer one by ecx. */
static NOINLINE int outer(int value)
{
	int calls = 0;
	__attribute__((noinline)) int inner(int more)
	{
		calls++;
		return value + more;
	}
	int sum = inner(1) + inner(opaque(2));
	int (*volatile pointer)(int) = inner;

	return sum + pointer(3) + calls * 1000;
}
#else
static NOINLINE int outer(int value)
{
	return 3 * value + 6 + 3000;
}
#endif

static NOINLINE int on_stack(int count)
{
	char *memory = __builtin_alloca(count + 1);

	for (int index = 0; index < count; index++)
		memory[index] = 'a' + index % 26;
	memory[count] = 0;
	return memory[count / 2] + opaque(count);
}

static NOINLINE int aligned(int value)
{
	int numbers[8] __attribute__((aligned(64)));

	for (int index = 0; index < 8; index++)
		numbers[index] = opaque(value) + index;
	return numbers[3] + (int)((unsigned long)numbers % 64);
}

void convention_test(void)
{
	struct pair pair = make_pair(opaque(3), 4);
	struct big big = make_big(opaque(10));

	printf("convention %d %d %d %llx\n", pair.first, pair.second, big.numbers[7],
	       (unsigned long long)wide(opaque(5), -2));
	printf("convention %.3f %.6Lf %.2f\n", floating(opaque(2)), long_floating(opaque(10)),
	       (double)single(opaque(1)));
	printf("convention %d %d %d %d %d\n", three(opaque(1), 2, 3), pass_on(opaque(1), 2, 3),
	       fast(opaque(9), 4), cleans(opaque(1), 2, 3), one_register(opaque(8)));
	printf("convention %d %u %d %d %d %d\n", keeps(opaque(3), 4, 5), many(opaque(99)),
	       sum_of(4, 1, 2, 3, opaque(4)), outer(opaque(5)), on_stack(opaque(40)),
	       aligned(opaque(6)));
}
