/*
 * lu: the dense blocked LU factorisation of SPLASH-2, without pivoting. For each diagonal block:
 * its owner factors it; all meet; the blocks below and beside it are divided by it; all meet; all
 * blocks to the lower right are updated. With -c each block lies together in memory (SPLASH-2's
 * "contiguous blocks"), without it the matrix is an array of columns.
 */
#include "lu.h"

#include <stdio.h>
#include <string.h>

static void divide_perimeter(uint32_t thread, uint32_t step)
{
	const struct block diagonal = matrix_block(step, step);

	for (uint32_t row = step + 1; row < lu_blocks; row++)
		if (matrix_column_owner(row, step) == thread)
			block_divide_column(matrix_block(row, step), diagonal);
	for (uint32_t column = step + 1; column < lu_blocks; column++)
		if (matrix_row_owner(step, column) == thread)
			block_divide_row(matrix_block(step, column), diagonal);
}

static void update_interior(uint32_t thread, uint32_t step)
{
	for (uint32_t row = step + 1; row < lu_blocks; row++)
		for (uint32_t column = step + 1; column < lu_blocks; column++)
			if (matrix_owner(row, column) == thread)
				block_update(matrix_block(row, column), matrix_block(row, step),
					     matrix_block(step, column));
}

static void factor(uint32_t thread)
{
	for (uint32_t step = 0; step < lu_blocks; step++) {
		if (matrix_owner(step, step) == thread)
			block_factor(matrix_block(step, step));
		parallel_barrier(thread);
		divide_perimeter(thread, step);
		parallel_barrier(thread);
		update_interior(thread, step);
	}
}

static int set_order(const char *value)
{
	return bench_read_number(value, 1, 4096, &lu_order);
}

static int set_block_size(const char *value)
{
	return bench_read_number(value, 1, 256, &lu_block_size);
}

static int set_contiguous(const char *value)
{
	(void)value;
	return lu_contiguous = 1;
}

static int set_decomposition(const char *value)
{
	lu_grid = strcmp(value, "grid") == 0;
	return lu_grid || strcmp(value, "diagonal") == 0;
}

static const struct bench_option options[] = {
	PARALLEL_OPTION,
	{ "-N", "ORDER", "rows and columns of the matrix, 256 unless told", set_order },
	{ "-b", "BLOCK", "rows and columns of a block, 16 unless told", set_block_size },
	{ "-c", NULL, "blocks are contiguous in memory", set_contiguous },
	{ "-d", "OWNERS", "diagonal (unless told) or grid: which blocks a thread has",
	  set_decomposition },
};

static const struct bench_program program = {
	.name = "lu",
	.description = "Factors a dense matrix in blocks, in several threads: SPLASH-2's lu.",
	.rounds = 3,
	.options = options,
	.option_count = sizeof options / sizeof *options,
};

int main(int argc, char **argv)
{
	static const struct parallel_program factoring = { matrix_fill, factor, matrix_check };

	parallel_start(argc, argv, &program);
	const char *layout = lu_contiguous ? "contiguous" : "non-contiguous";
	const char *owners = lu_grid ? "grid" : "diagonal";

	matrix_allocate();
	printf("lu: %lu threads, order %lu, %s blocks of %lu, owners %s\n",
	       (unsigned long)parallel_threads, (unsigned long)lu_order, layout,
	       (unsigned long)lu_block_size, owners);
	bench_parameters("\"threads\":%lu,\"order\":%lu,\"block\":%lu,\"layout\":\"%s\","
			 "\"owners\":\"%s\"",
			 (unsigned long)parallel_threads, (unsigned long)lu_order,
			 (unsigned long)lu_block_size, layout, owners);
	parallel_measure(&factoring);
	return 0;
}
