/*
 * cpus: the processors and what they have done since boot, and what using several has cost; those
 * of the application kernel apart.
 */
#include <castle/apkern.h>
#include <castle/castle.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "common/tool.h"

/* What the application kernel says of its processors; longer than a table of all of them. */
static int show_application_processors(void)
{
	static char text[4096];
	const int fd = open(CASTLE_APKERN_DEVICE, O_RDONLY);
	const ssize_t length = read(fd, text, sizeof text);

	if (length < 0)
		return 1;
	fwrite(text, 1, length, stdout);
	return close(fd) != 0;
}

int main(int argc, char **argv)
{
	static struct castle_cpu_info cpus[CASTLE_CPUS_MAX];
	const int size = castle_info(CASTLE_INFO_CPUS, cpus, sizeof cpus);
	struct castle_smp_info smp;

	tool_no_arguments("cpus", argc, argv);
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
	return castle_kernel_page()->application_processors ? show_application_processors() : 0;
}
