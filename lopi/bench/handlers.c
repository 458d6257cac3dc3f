/*
 * The handlers that gcc -finstrument-functions calls, and -pg by way of fentry.S, with the payload
 * of the other methods. They are told a function's address alone, and have a value for each 16
 * bytes of code, to which gcc -O2 aligns functions. With LOPI_BENCH_COUNT they count calls instead,
 * and write them to the file that LOPI_OUT names, a line `ADDRESS/16 CALLS` each.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define SLOTS 65536 /* 1 MB of code */

static __thread volatile uint32_t counter;
static __thread uint32_t values[SLOTS];

static uint32_t *value_of(void *function)
{
	return &values[(uintptr_t)function / 16 % SLOTS];
}

void __cyg_profile_func_enter(void *function, void *caller)
{
	(void)caller;
#ifdef LOPI_BENCH_COUNT
	++*value_of(function);
#else
	*value_of(function) -= counter;
#endif
}

void __cyg_profile_func_exit(void *function, void *caller)
{
	(void)caller;
#ifdef LOPI_BENCH_COUNT
	(void)function;
#else
	*value_of(function) += counter;
#endif
}

/* What fentry.S calls, with a function's address. Nothing tells of its end. */
__attribute__((used)) void lopi_bench_entered(void *function)
{
	__cyg_profile_func_enter(function, NULL);
}

#ifdef LOPI_BENCH_COUNT
__attribute__((destructor)) static void write_counts(void)
{
	FILE *file = fopen(getenv("LOPI_OUT"), "we");

	for (uint32_t slot = 0; file && slot < SLOTS; slot++)
		if (values[slot])
			fprintf(file, "%u %u\n", slot, values[slot]);
	if (!file || fclose(file) != 0)
		abort();
}
#endif
