/*
 * What tcc compiles in Castle and on the host to compare the objects: a little of everything that a
 * compiler has to get right, constants in particular, since it computes those on the machine it
 * runs on.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum shape { POINT, CIRCLE, BOX };

struct figure {
	enum shape shape;
	unsigned int visible : 1;
	int level : 7;
	union {
		double radius;
		struct {
			float width, height;
		} box;
	} size;
};

static const struct figure figures[] = {
	{ .shape = POINT },
	{ CIRCLE, 1, -3, { .radius = 1.0 / 3.0 } },
	{ BOX, 1, 5, { .box = { 2.5f, 1e-20f } } },
};

static const double constants[] = { 0.1, 1e300, 5e-324, 3.14159265358979323846, -0.0 };
static const long double long_constants[] = { 0.1L, 1e4000L, 1.0L / 3.0L };
static const uint64_t wide = 0x123456789abcdefULL * 1000003 / 7 % 1000000007;

static double area(const struct figure *figure)
{
	switch (figure->shape) {
	case CIRCLE:
		return M_PI * figure->size.radius * figure->size.radius;
	case BOX:
		return figure->size.box.width * figure->size.box.height;
	default:
		return 0;
	}
}

static int compare(const void *one, const void *other)
{
	double difference = area(one) - area(other);

	return (difference > 0) - (difference < 0);
}

static uint64_t rotate(uint64_t value, int bits)
{
	return value << bits | value >> (64 - bits);
}

int main(int argc, char **argv)
{
	struct figure sorted[COUNT(figures)];
	long double sum = long_constants[2];
	char text[argc + 20];

	memcpy(sorted, figures, sizeof(figures));
	qsort(sorted, COUNT(sorted), sizeof(sorted[0]), compare);
	for (size_t index = 0; index < COUNT(constants); index++)
		sum += constants[index] * sqrt(index);
	snprintf(text, sizeof(text), "%llx", (unsigned long long)rotate(wide, 13));
	printf("%s %s %g %d\n", argv[0], text, (double)sum, sorted[0].level);
	return sum > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
