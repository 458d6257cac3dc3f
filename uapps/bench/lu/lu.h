/*
 * lu: the matrix in blocks, who owns which of them, and what is done to a block.
 */
#ifndef UAPPS_BENCH_LU_LU_H
#define UAPPS_BENCH_LU_LU_H

#include "../common/parallel.h"

/* A block or part of one, column by column; columns are `stride` numbers apart. */
struct block {
	double *first;
	uint32_t rows, columns;
	uint32_t stride;
};

extern uint32_t lu_order;      /* rows and columns of the matrix */
extern uint32_t lu_block_size; /* of a block; those at the end may be smaller */
extern uint32_t lu_blocks;     /* blocks in a row and in a column */
extern int lu_contiguous;      /* each block lies together; else the whole matrix does */
extern int lu_grid;            /* threads are a grid, see matrix.c */

/* Allocates the matrix: the parameters above are set. */
void matrix_allocate(void);

/* Fills the blocks that the thread owns. */
void matrix_fill(uint32_t thread);

/* The block in this block row and block column. */
struct block matrix_block(uint32_t row, uint32_t column);

/*
 * The thread that updates a block, and factors it if it is a diagonal one; those that divide a
 * block of the column or the row of the diagonal block of a step.
 */
uint32_t matrix_owner(uint32_t row, uint32_t column);
uint32_t matrix_column_owner(uint32_t row, uint32_t column);
uint32_t matrix_row_owner(uint32_t row, uint32_t column);

/* True if what is in the matrix are the factors of what was filled in. */
int matrix_check(void);

/* Factors a diagonal block: L with a diagonal below, U with a diagonal of ones above, in place. */
void block_factor(struct block diagonal);

/* Of a block in the column below a diagonal block: block = block * U^-1. */
void block_divide_column(struct block block, struct block diagonal);

/* Of a block in the row beside it: block = L^-1 * block. */
void block_divide_row(struct block block, struct block diagonal);

/* block -= left * above. */
void block_update(struct block block, struct block left, struct block above);

#endif
