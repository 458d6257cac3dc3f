/*
 * The matrix: how it lies in memory, who owns its blocks, what it holds, and whether it was
 * factored.
 *
 * Owners. The paper scatters the blocks over a grid of threads, each block of rows having a row of
 * the grid and each block of columns a column. The programs that SPLASH-2 is distributed as give
 * the blocks of each diagonal from the lower left to the upper right to one thread, and deal the
 * blocks of a step's column and row out among all. That is what is done here unless the grid is
 * asked for; it suits any number of threads, where a grid of seven is a row.
 */
#include "lu.h"

#include <math.h>
#include <stdlib.h>

#define TOLERANCE 1e-9

uint32_t lu_order = 256, lu_block_size = 16, lu_blocks;
int lu_contiguous, lu_grid;

static double **blocks;                  /* the first number of each block, column by column */
static uint32_t grid_rows, grid_columns; /* of threads */

/* The grid is as near to a square as its number of threads lets it be. */
static void make_grid(void)
{
	for (uint32_t rows = 1; rows * rows <= parallel_threads; rows++)
		if (parallel_threads % rows == 0)
			grid_rows = rows;
	grid_columns = parallel_threads / grid_rows;
}

static uint32_t grid_owner(uint32_t row, uint32_t column)
{
	return row % grid_rows * grid_columns + column % grid_columns;
}

uint32_t matrix_owner(uint32_t row, uint32_t column)
{
	return lu_grid ? grid_owner(row, column) : (row + column) % parallel_threads;
}

uint32_t matrix_column_owner(uint32_t row, uint32_t column)
{
	return lu_grid ? grid_owner(row, column) : row % parallel_threads;
}

/* Half of all threads on, so that those with a block more in the column do not have one here too.
 */
uint32_t matrix_row_owner(uint32_t row, uint32_t column)
{
	return lu_grid ? grid_owner(row, column)
		       : (column + parallel_threads / 2) % parallel_threads;
}

/* The blocks of each thread lie together. */
static void place_contiguous(void)
{
	const uint32_t size = lu_block_size * lu_block_size;
	double *next = parallel_allocate(lu_blocks * lu_blocks * size * sizeof *next);

	for (uint32_t thread = 0; thread < parallel_threads; thread++)
		for (uint32_t i = 0; i < lu_blocks * lu_blocks; i++)
			if (matrix_owner(i % lu_blocks, i / lu_blocks) == thread) {
				blocks[i] = next;
				next += size;
			}
}

static void place_in_columns(void)
{
	double *matrix = parallel_allocate(lu_order * lu_order * sizeof *matrix);

	for (uint32_t i = 0; i < lu_blocks * lu_blocks; i++)
		blocks[i] = matrix + i % lu_blocks * lu_block_size +
			    i / lu_blocks * lu_block_size * lu_order;
}

void matrix_allocate(void)
{
	lu_blocks = (lu_order + lu_block_size - 1) / lu_block_size;
	blocks = parallel_allocate(lu_blocks * lu_blocks * sizeof *blocks);
	make_grid();
	if (lu_contiguous)
		place_contiguous();
	else
		place_in_columns();
}

/* Rows of a block row, or columns of a block column. */
static uint32_t size_of(uint32_t index)
{
	return index < lu_blocks - 1 ? lu_block_size : lu_order - index * lu_block_size;
}

struct block matrix_block(uint32_t row, uint32_t column)
{
	return (struct block){ .first = blocks[row + column * lu_blocks],
			       .rows = size_of(row),
			       .columns = size_of(column),
			       .stride = lu_contiguous ? lu_block_size : lu_order };
}

/* What the matrix is filled with. No pivoting is needed: the diagonal outweighs all else of a row.
 */
static double original(uint32_t row, uint32_t column)
{
	return parallel_random_fraction(row + column * lu_order) + (row == column ? lu_order : 0);
}

static void fill_block(uint32_t block_row, uint32_t block_column)
{
	const struct block block = matrix_block(block_row, block_column);

	for (uint32_t column = 0; column < block.columns; column++)
		for (uint32_t row = 0; row < block.rows; row++)
			block.first[row + column * block.stride] =
				original(block_row * lu_block_size + row,
					 block_column * lu_block_size + column);
}

void matrix_fill(uint32_t thread)
{
	for (uint32_t column = 0; column < lu_blocks; column++)
		for (uint32_t row = 0; row < lu_blocks; row++)
			if (matrix_owner(row, column) == thread)
				fill_block(row, column);
}

static double element(uint32_t row, uint32_t column)
{
	const struct block block = matrix_block(row / lu_block_size, column / lu_block_size);

	return block.first[row % lu_block_size + column % lu_block_size * block.stride];
}

/* y = L^-1 y, then y = U^-1 y. */
static void solve(double *y)
{
	for (uint32_t column = 0; column < lu_order; column++) {
		y[column] /= element(column, column);
		for (uint32_t row = column + 1; row < lu_order; row++)
			y[row] -= element(row, column) * y[column];
	}
	for (uint32_t column = lu_order; column-- > 0;)
		for (uint32_t row = 0; row < column; row++)
			y[row] -= element(row, column) * y[column];
}

/*
 * The sums of the rows are the matrix times a vector whose elements differ. Solving for that vector
 * uses each element of the factors.
 */
int matrix_check(void)
{
	double *y = calloc(lu_order, sizeof *y);
	int good = 1;

	bench_check(y != NULL, "memory");
	for (uint32_t column = 0; column < lu_order; column++)
		for (uint32_t row = 0; row < lu_order; row++)
			y[row] += original(row, column) * (1 + column % 3);
	solve(y);
	for (uint32_t i = 0; i < lu_order; i++)
		good &= fabs(y[i] - (1 + i % 3)) < TOLERANCE;
	free(y);
	return good;
}
