// Functions that are left by longjmp and by exceptions, from callees with more and fewer arguments than those called
// next: who called whom must be right afterwards.
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#define FUNCTION extern "C" __attribute__((noinline, noclone))

static jmp_buf back, outer_back;
static volatile int sum;

FUNCTION void after_jump(int value)
{
	sum += value;
}

FUNCTION void after_jump_of_many(int a, int b, int c, int d, int e)
{
	sum += a + b + c + d + e;
}

FUNCTION void jumps()
{
	sum += 1;
	longjmp(back, 1);
}

FUNCTION void jumps_deep(int depth, int a, int b)
{
	if (depth == 0)
		jumps();
	jumps_deep(depth - 1, b, a);
	sum += a;
}

FUNCTION void returned_to(int depth)
{
	if (setjmp(back) == 0) {
		if (depth < 0)
			jumps();
		jumps_deep(depth, 1, 2);
	}
	after_jump(1);
	after_jump_of_many(1, 2, 3, 4, 5);
}

FUNCTION void jumps_over(int)
{
	sum += 1; // a call in the first bytes would have it refused
	returned_to(2);
	longjmp(outer_back, 1);
}

FUNCTION int compare(const void *, const void *)
{
	longjmp(outer_back, 1);
}

FUNCTION void through_library()
{
	int numbers[] = { 2, 1 };

	if (setjmp(outer_back) == 0)
		qsort(numbers, 2, sizeof(int), compare);
	if (setjmp(outer_back) == 0)
		jumps_over(1);
	after_jump(2);
}

FUNCTION void cleanup(int value)
{
	sum += value;
}

struct Guard {
	int value;
	~Guard() { cleanup(value); }
};

FUNCTION void throws(int value)
{
	if (value)
		throw value;
	std::vector<int>().at(5); // thrown by the library
}

FUNCTION void passes(int value, int, int, int)
{
	Guard guard{ value };

	throws(value);
	sum += 1;
}

FUNCTION void after_catch()
{
	sum += 1;
}

FUNCTION void catches(int value)
{
	sum += 1; // as above
	try {
		passes(value, 1, 2, 3);
	} catch (int caught) {
		after_catch();
	} catch (const std::exception &) {
		after_catch();
	}
	after_jump_of_many(1, 2, 3, 4, 5);
}

FUNCTION void rethrows()
{
	try {
		passes(1, 2, 3, 4);
	} catch (...) {
		after_catch();
		throw;
	}
}

FUNCTION void catches_again()
{
	sum += 1; // as above
	try {
		rethrows();
	} catch (int) {
		after_jump(1);
	}
}

int main()
{
	for (int round = 0; round < 100; round++) {
		returned_to(round % 5 - 1);
		through_library();
		catches(round % 2);
		catches_again();
	}
	std::printf("%d\n", sum);
	return 0;
}
