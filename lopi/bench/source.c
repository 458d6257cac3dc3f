/*
 * What source-level instrumentation calls and accumulates in (source.h). With LOPI_BENCH_COUNT it
 * counts calls instead and writes them to the file that LOPI_OUT names, a line `NUMBER CALLS` a
 * function.
 */
#include "source.h"

#include <stdio.h>
#include <stdlib.h>

__thread volatile unsigned lopi_bench_counter;
__thread unsigned lopi_bench_values[LOPI_BENCH_FUNCTIONS];

#ifdef LOPI_BENCH_CALL
void lopi_bench_enter(int function)
{
	lopi_bench_enter_here(function);
}

void lopi_bench_leave(int function)
{
	lopi_bench_leave_here(function);
}
#endif

#ifdef LOPI_BENCH_COUNT
__attribute__((destructor)) static void write_counts(void)
{
	FILE *file = fopen(getenv("LOPI_OUT"), "we");

	for (int function = 0; file && function < LOPI_BENCH_FUNCTIONS; function++)
		fprintf(file, "%d %u\n", function, lopi_bench_values[function]);
	if (!file || fclose(file) != 0)
		abort();
}
#endif
