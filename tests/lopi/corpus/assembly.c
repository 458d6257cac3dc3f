/* Calls the functions of assembly.S. */
#include "corpus.h"

#include <stdlib.h>

extern void asm_return(void);
extern int asm_entered(int), asm_enters(int), asm_loops(int), asm_loop_instruction(int);
extern int asm_calls_keeps(int), asm_short_conditional(int), asm_data_inside(int),
	asm_pops_caller(int);
extern int asm_sizeless(void), asm_passes_flags(int);
extern char *asm_where(void);

static NOINLINE int here(void)
{
	int before = opaque(1);
	char *first = asm_where(), *second = asm_where();

	/* Both are in this function, the second behind the first. */
	return before + (second > first && second - first < 100);
}

/* What follows asm_starts_ in the names of functions that start with something on the stack. */
#define STARTS(one)                                                                                \
	one(word) one(byte) one(prefixed) one(fixed) one(memory) one(segment) one(half) one(flags) \
		one(all) one(stack) one(odd) one(room) one(register) one(frame) one(aligned)
/* Those that valgrind does not know the first instruction of. */
#define STARTS_ENTER(one) one(enter) one(nested)

#define DECLARE(name) extern int asm_starts_##name(int);
#define PRINT(name)   printf("assembly " #name " %d\n", asm_starts_##name(value));

STARTS(DECLARE)
STARTS_ENTER(DECLARE)

static NOINLINE void starts(int value)
{
	STARTS(PRINT)
	if (!getenv("CORPUS_VALGRIND")) {
		STARTS_ENTER(PRINT)
	}
}

void assembly_test(void)
{
	starts(opaque(30));
	asm_return();
	printf("assembly %d %d %d %d\n", asm_entered(1), asm_enters(1), asm_loops(5),
	       asm_loop_instruction(10));
	printf("assembly %d %d %d %d %d\n", asm_calls_keeps(4), asm_short_conditional(5),
	       asm_short_conditional(6), asm_data_inside(1), asm_pops_caller(12));
	printf("assembly %d %d\n", asm_sizeless(), here());
	printf("assembly %d %d\n", asm_passes_flags(opaque(5)), asm_passes_flags(opaque(-5)));
}
