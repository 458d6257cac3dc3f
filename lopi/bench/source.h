/*
 * Source-level instrumentation, as somebody would write it by hand: the payload at a function's
 * opening brace and wherever it is left (Section 5.4 of the thesis). Included in front of
 * everything of a program, so it must define nothing else and include nothing. LOPI_BENCH says how:
 * INLINE or CALL.
 */
#define LOPI_BENCH_FUNCTIONS 256

extern __thread volatile unsigned lopi_bench_counter __attribute__((tls_model("local-exec")));
extern __thread unsigned lopi_bench_values[LOPI_BENCH_FUNCTIONS]
	__attribute__((tls_model("local-exec")));

void lopi_bench_enter(int function);
void lopi_bench_leave(int function);

#define LOPI_BENCH_HERE static inline __attribute__((always_inline, no_instrument_function))

LOPI_BENCH_HERE void lopi_bench_enter_here(int function)
{
#ifdef LOPI_BENCH_COUNT
	lopi_bench_values[function]++;
#else
	lopi_bench_values[function] -= lopi_bench_counter;
#endif
}

LOPI_BENCH_HERE void lopi_bench_leave_here(int function)
{
#ifdef LOPI_BENCH_COUNT
	(void)function;
#else
	lopi_bench_values[function] += lopi_bench_counter;
#endif
}

#ifdef LOPI_BENCH_INLINE
#define lopi_bench_enter lopi_bench_enter_here
#define lopi_bench_leave lopi_bench_leave_here
#endif

/* The compiler calls it at every return and at the closing brace. */
LOPI_BENCH_HERE void lopi_bench_cleanup(const int *function)
{
	lopi_bench_leave(*function);
}

#define LOPI_BENCH_FUNCTION(number)                                                          \
	const int lopi_bench_function __attribute__((cleanup(lopi_bench_cleanup))) = number; \
	lopi_bench_enter(lopi_bench_function);
