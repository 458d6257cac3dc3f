/*
 * ukratio: what its parts share. A workload is what one process does; run_processes() runs it in
 * several processes at once.
 */
#ifndef UAPPS_BENCH_UKRATIO_UKRATIO_H
#define UAPPS_BENCH_UKRATIO_UKRATIO_H

#include <stdint.h>
#include "../common/processes.h"

/* Instructions of one turn of the user loop: dec and jnz. */
#define LOOP_INSTRUCTIONS 2

struct kernel_call {
	const char *name;
	const char *meaning;
	void (*prepare)(void); /* in the parent, before the first call; or null */
	void (*call)(void);
	void (*clean_up)(void); /* or null */
};

/* The calls that -c chooses from; the one after the last has no name. */
extern const struct kernel_call kernel_calls[];

/* What one process does: `calls` times, `turns` of the loop and a call; then `last_turns`. */
struct workload {
	const struct kernel_call *call;
	uint32_t calls;
	uint32_t turns;
	uint32_t last_turns;
};

void workload_run(const struct workload *workload);

/* Runs the workload in `processes` processes at once, all on CPUs of their own if there are enough.
 */
void run_processes(const struct workload *workload, uint32_t processes, struct bench_run *run);

#endif
