/*
 * What is done to blocks, as SPLASH-2 does it: everything adds a multiple of one column, or of the
 * end of one, to another.
 */
#include "lu.h"

static double *column_of(struct block block, uint32_t column)
{
	return block.first + column * block.stride;
}

/* to += factor * from */
static inline void add_multiple(double *to, const double *from, uint32_t count, double factor)
{
#pragma GCC unroll 4
	for (uint32_t i = 0; i < count; i++)
		to[i] += factor * from[i];
}

void block_factor(struct block diagonal)
{
	for (uint32_t k = 0; k < diagonal.columns; k++) {
		const double *pivot = column_of(diagonal, k);
		for (uint32_t j = k + 1; j < diagonal.columns; j++) {
			double *column = column_of(diagonal, j);
			column[k] /= pivot[k];
			add_multiple(&column[k + 1], &pivot[k + 1], diagonal.rows - k - 1,
				     -column[k]);
		}
	}
}

void block_divide_column(struct block block, struct block diagonal)
{
	for (uint32_t k = 0; k < diagonal.columns; k++)
		for (uint32_t j = k + 1; j < diagonal.columns; j++)
			add_multiple(column_of(block, j), column_of(block, k), block.rows,
				     -column_of(diagonal, j)[k]);
}

void block_divide_row(struct block block, struct block diagonal)
{
	for (uint32_t k = 0; k < diagonal.columns; k++) {
		const double *pivot = column_of(diagonal, k);
		for (uint32_t j = 0; j < block.columns; j++) {
			double *column = column_of(block, j);
			column[k] /= pivot[k];
			add_multiple(&column[k + 1], &pivot[k + 1], diagonal.rows - k - 1,
				     -column[k]);
		}
	}
}

void block_update(struct block block, struct block left, struct block above)
{
	for (uint32_t k = 0; k < left.columns; k++)
		for (uint32_t j = 0; j < block.columns; j++)
			add_multiple(column_of(block, j), column_of(left, k), block.rows,
				     -column_of(above, j)[k]);
}
