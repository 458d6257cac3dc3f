/*
 * cpus: the processors and what they have done since boot, and what using several has cost.
 */
#include <castle/castle.h>
#include <stdio.h>

int main(void)
{
	static struct castle_cpu_info cpus[CASTLE_CPUS_MAX];
	const int size = castle_info(CASTLE_INFO_CPUS, cpus, sizeof cpus);
	struct castle_smp_info smp;

	printf("mode %s\n", castle_kernel_page()->mode);
	puts("CPU APIC  RUNS  SWITCHES INTERRUPTS    TICKS     IDLE  PROCESSOR");
	for (int i = 0; i < size / (int)sizeof *cpus; i++)
		printf("%3u %4u %5u %9u %10u %8u %8u  %s\n", (unsigned)cpus[i].cpu,
		       (unsigned)cpus[i].apic, (unsigned)cpus[i].running,
		       (unsigned)cpus[i].switches, (unsigned)cpus[i].interrupts,
		       (unsigned)cpus[i].ticks, (unsigned)cpus[i].idle_ticks, cpus[i].brand);
	if (castle_info(CASTLE_INFO_SMP, &smp, sizeof smp) < 0)
		return 1;
	printf("directories made %u, faults copied %u, stale %u, reschedules %u, evictions %u\n",
	       (unsigned)smp.directories_made, (unsigned)smp.faults_copied,
	       (unsigned)smp.faults_stale, (unsigned)smp.reschedules, (unsigned)smp.evictions);
	return 0;
}
