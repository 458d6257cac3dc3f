/*
 * The statistics' counters, put together for castle_info().
 */
#include "kernel/measure/statistics.h"

#define STATISTIC(subsystem, name, what) CPU_LOCAL uint32_t statistic_##name;
#include <castle/statistics.h>

void statistics_gather(uint32_t cpu, struct castle_statistics *counts)
{
#define STATISTIC(subsystem, name, what) counts->name = *CPU_LOCAL_OF(cpu, statistic_##name);
#include <castle/statistics.h>
}
