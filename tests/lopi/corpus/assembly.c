/* Calls the functions of assembly.S. */
#include "corpus.h"

extern void asm_return(void);
extern int asm_entered(int), asm_enters(int), asm_loops(int), asm_loop_instruction(int);
extern int asm_calls_keeps(int), asm_short_conditional(int), asm_data_inside(int),
	asm_pops_caller(int);
extern int asm_sizeless(void);
extern char *asm_where(void);

static NOINLINE int here(void)
{
	int before = opaque(1);
	char *first = asm_where(), *second = asm_where();

	/* Both are in this function, the second behind the first. */
	return before + (second > first && second - first < 100);
}

void assembly_test(void)
{
	asm_return();
	printf("assembly %d %d %d %d\n", asm_entered(1), asm_enters(1), asm_loops(5),
	       asm_loop_instruction(10));
	printf("assembly %d %d %d %d %d\n", asm_calls_keeps(4), asm_short_conditional(5),
	       asm_short_conditional(6), asm_data_inside(1), asm_pops_caller(12));
	printf("assembly %d %d\n", asm_sizeless(), here());
}
