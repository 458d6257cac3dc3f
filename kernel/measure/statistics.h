/*
 * Statistics: counters by subsystem, each processor's own, so that counting takes one instruction
 * and no lock: statistic_switches++. What there is to count is listed in castle/statistics.h. A
 * processor of the application kernel has none: it counts for itself
 * (kernel/appkern/ia32/processor.h).
 */
#ifndef KERNEL_MEASURE_STATISTICS_H
#define KERNEL_MEASURE_STATISTICS_H

#include <castle/info.h>
#include "arch/ia32/cpulocal.h"

/* Variables, not one structure: else the compiler keeps its address in a register, at a price. */
#define STATISTIC(subsystem, name, what) extern CPU_LOCAL uint32_t statistic_##name;
#include <castle/statistics.h>

/* What processor `cpu` has counted. Any context (the processor may go on counting). */
void statistics_gather(uint32_t cpu, struct castle_statistics *counts);

#endif
