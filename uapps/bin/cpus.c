/*
 * cpus: the processors and what they have done since boot.
 */
#include <castle/castle.h>
#include <stdio.h>

#define CPUS_MAX 32

int main(void)
{
	static struct castle_cpu_info cpus[CPUS_MAX];
	const int size = castle_info(CASTLE_INFO_CPUS, cpus, sizeof cpus);

	printf("mode %s\n", castle_kernel_page()->mode);
	puts("CPU  RUNS  SWITCHES INTERRUPTS    TICKS     IDLE  PROCESSOR");
	for (int i = 0; i < size / (int)sizeof *cpus; i++)
		printf("%3u %5u %9u %10u %8u %8u  %s\n", (unsigned)cpus[i].cpu,
		       (unsigned)cpus[i].running, (unsigned)cpus[i].switches,
		       (unsigned)cpus[i].interrupts, (unsigned)cpus[i].ticks,
		       (unsigned)cpus[i].idle_ticks, cpus[i].brand);
	return 0;
}
