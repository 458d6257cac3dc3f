#include <stdio.h>

int falls(int), is_fallen_into(void), middle(void), into_middle(void), over_data(void),
	calls_part(void);
int distance(void), repeats_return(int), loops(int), below(unsigned, unsigned), jumps_back(int);
int returns_on(int);
__attribute__((stdcall)) int pops_arguments(int, int);

int main(void)
{
	for (int value = 0; value < 3; value++) {
		printf("%d %d %d %x %d %x ", falls(value), middle(), into_middle(), over_data(),
		       calls_part(), distance());
		printf("%d %d %d ", pops_arguments(value, 2), repeats_return(value), loops(value));
		printf("%d %d %d\n", below(value, 1), jumps_back(value), returns_on(value));
	}
	return 0;
}
