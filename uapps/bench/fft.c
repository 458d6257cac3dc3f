/*
 * fft: the complex one-dimensional Fourier transform of SPLASH-2, Bailey's "six-step" method. The
 * 2^M points are a square matrix, of which each thread has a share of the rows:
 *
 *	transpose; transform each row, and multiply it by its roots of unity;
 *	transpose; transform each row;
 *	transpose.
 *
 * Only the transposes move data between threads; all meet before each of them, and at the end. A
 * thread transposes patch by patch, beginning with its own, so that they do not all read the same
 * thread's rows at the same time.
 */
#include "common/parallel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TILE      4    /* complex numbers in a cache line */
#define TOLERANCE 1e-9 /* of the checks; the inputs are up to 1/2 */

struct complex {
	double re;
	double im;
};

static uint32_t log_points = 14;
static uint32_t points, side, log_side; /* `side` rows and columns */
static struct complex *data, *other;    /* matrices; the result is in `data` */
static struct complex *twiddles;        /* matrix: w^(row * column), w the root for all points */
static struct complex *roots[PARALLEL_THREADS_MAX]; /* each thread's: w^i, w the root for a row */

static struct complex multiply(struct complex a, struct complex b)
{
	return (struct complex){ a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
}

/* e^(-2 pi i n / period) */
static struct complex root(uint32_t n, uint32_t period)
{
	const double angle = -2 * M_PI * n / period;

	return (struct complex){ cos(angle), sin(angle) };
}

static struct complex input(uint32_t index)
{
	return (struct complex){ parallel_random_fraction(2 * index) - 0.5,
				 parallel_random_fraction(2 * index + 1) - 0.5 };
}

/*
 * Walks through the powers of root(n, period), from the 0th on. Some are computed for themselves,
 * so that errors do not add up.
 */
struct powers {
	uint32_t n, period;
	uint32_t exponent;
	struct complex base, power;
};

static struct complex powers_next(struct powers *powers)
{
	const uint32_t exponent = powers->exponent++;

	if (exponent % 16 == 0)
		powers->power =
			root((uint64_t)powers->n * exponent % powers->period, powers->period);
	else
		powers->power = multiply(powers->power, powers->base);
	return powers->power;
}

static void powers_start(struct powers *powers, uint32_t n, uint32_t period)
{
	*powers = (struct powers){ .n = n, .period = period, .base = root(n, period) };
}

static void fill_powers(struct complex *row, uint32_t count, uint32_t n, uint32_t period)
{
	struct powers powers;

	powers_start(&powers, n, period);
	for (uint32_t i = 0; i < count; i++)
		row[i] = powers_next(&powers);
}

static void initialise(uint32_t thread)
{
	const uint32_t end = parallel_first(side, thread + 1);

	fill_powers(roots[thread], side / 2, 1, side);
	for (uint32_t row = parallel_first(side, thread); row < end; row++) {
		fill_powers(&twiddles[row * side], side, row, points);
		for (uint32_t i = row * side; i < (row + 1) * side; i++) {
			data[i] = input(i);
			other[i] = (struct complex){ 0, 0 };
		}
	}
}

/* Patch of the thread's rows of `to` that comes from another thread's rows of `from`. */
static void transpose_patch(struct complex *to, const struct complex *from, uint32_t thread,
			    uint32_t source)
{
	const uint32_t rows = parallel_first(side, thread + 1);
	const uint32_t columns = parallel_first(side, source + 1);

	for (uint32_t tile = parallel_first(side, thread); tile < rows; tile += TILE) {
		const uint32_t end = tile + TILE < rows ? tile + TILE : rows;
		for (uint32_t column = parallel_first(side, source); column < columns; column++)
			for (uint32_t row = tile; row < end; row++)
				to[row * side + column] = from[column * side + row];
	}
}

static void transpose(struct complex *to, const struct complex *from, uint32_t thread)
{
	for (uint32_t i = 0; i < parallel_threads; i++)
		transpose_patch(to, from, thread, (thread + i) % parallel_threads);
}

static uint32_t reverse_bits(uint32_t value, uint32_t bits)
{
	uint32_t reversed = 0;

	for (; bits > 0; bits--, value >>= 1)
		reversed = reversed << 1 | (value & 1);
	return reversed;
}

static void reverse_order(struct complex *row)
{
	for (uint32_t i = 0; i < side; i++) {
		const uint32_t partner = reverse_bits(i, log_side);
		if (partner > i) {
			const struct complex kept = row[i];
			row[i] = row[partner];
			row[partner] = kept;
		}
	}
}

/* The butterflies of two transforms of `half` points next to each other make one of twice as many.
 */
static void combine(struct complex *low, uint32_t half, const struct complex *unit)
{
	struct complex *high = low + half;
	const uint32_t step = side / 2 / half;

	for (uint32_t i = 0; i < half; i++) {
		const struct complex turned = multiply(unit[i * step], high[i]);
		high[i] = (struct complex){ low[i].re - turned.re, low[i].im - turned.im };
		low[i] = (struct complex){ low[i].re + turned.re, low[i].im + turned.im };
	}
}

static void transform_row(struct complex *row, const struct complex *unit)
{
	reverse_order(row);
	for (uint32_t half = 1; half < side; half *= 2)
		for (uint32_t i = 0; i < side; i += 2 * half)
			combine(row + i, half, unit);
}

static void multiply_row(struct complex *row, const struct complex *factors)
{
	for (uint32_t i = 0; i < side; i++)
		row[i] = multiply(row[i], factors[i]);
}

static void transform(uint32_t thread)
{
	const uint32_t first = parallel_first(side, thread);
	const uint32_t end = parallel_first(side, thread + 1);

	parallel_barrier(thread);
	transpose(other, data, thread);
	for (uint32_t row = first; row < end; row++) {
		transform_row(&other[row * side], roots[thread]);
		multiply_row(&other[row * side], &twiddles[row * side]);
	}
	parallel_barrier(thread);
	transpose(data, other, thread);
	for (uint32_t row = first; row < end; row++)
		transform_row(&data[row * side], roots[thread]);
	parallel_barrier(thread);
	transpose(other, data, thread);
	parallel_barrier(thread);
	memcpy(&data[first * side], &other[first * side], (end - first) * side * sizeof *data);
	parallel_barrier(thread);
}

static int near(struct complex a, struct complex b)
{
	return fabs(a.re - b.re) < TOLERANCE && fabs(a.im - b.im) < TOLERANCE;
}

/* One output by the transform's definition. */
static struct complex output(uint32_t index)
{
	struct complex sum = { 0, 0 };
	struct powers powers;

	powers_start(&powers, index, points);
	for (uint32_t i = 0; i < points; i++) {
		const struct complex term = multiply(input(i), powers_next(&powers));
		sum.re += term.re;
		sum.im += term.im;
	}
	return sum;
}

static void conjugate(uint32_t thread)
{
	const uint32_t end = parallel_first(side, thread + 1) * side;

	for (uint32_t i = parallel_first(side, thread) * side; i < end; i++)
		data[i].im = -data[i].im;
}

/*
 * Two outputs are what the definition says; and the transform of the conjugate, which is the
 * inverse but for a factor and a conjugation, gives the inputs back.
 */
static int check(void)
{
	static const struct parallel_program inversion = { conjugate, transform, NULL };

	if (!near(data[1], output(1)) || !near(data[points - 3], output(points - 3)))
		return 0;
	parallel_run(&inversion);
	for (uint32_t i = 0; i < points; i++) {
		const struct complex back = { data[i].re / points, -data[i].im / points };
		if (!near(back, input(i)))
			return 0;
	}
	return 1;
}

static int set_log_points(const char *value)
{
	return bench_read_number(value, 2, 24, &log_points) && log_points % 2 == 0;
}

static const struct bench_option options[] = {
	PARALLEL_OPTION,
	{ "-m", "M", "2^M points; even, 2 to 24, 14 unless told", set_log_points },
};

static const struct bench_program program = {
	.name = "fft",
	.description = "A complex Fourier transform of 2^M points in several threads: SPLASH-2's "
		       "fft.",
	.rounds = 3,
	.options = options,
	.option_count = sizeof options / sizeof *options,
};

int main(int argc, char **argv)
{
	static const struct parallel_program transforming = { initialise, transform, check };

	parallel_start(argc, argv, &program);
	points = 1u << log_points;
	log_side = log_points / 2;
	side = 1u << log_side;
	data = parallel_allocate(points * sizeof *data);
	other = parallel_allocate(points * sizeof *other);
	twiddles = parallel_allocate(points * sizeof *twiddles);
	for (uint32_t thread = 0; thread < parallel_threads; thread++)
		roots[thread] = parallel_allocate(side / 2 * sizeof **roots);
	printf("fft: %lu threads, %lu points\n", (unsigned long)parallel_threads,
	       (unsigned long)points);
	bench_parameters("\"threads\":%lu,\"points\":%lu", (unsigned long)parallel_threads,
			 (unsigned long)points);
	parallel_measure(&transforming);
	return 0;
}
