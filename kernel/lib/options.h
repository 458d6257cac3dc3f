/*
 * What the kernel command line said (kernel/boot/options.h reads it): for all of the kernel to see.
 */
#ifndef KERNEL_LIB_OPTIONS_H
#define KERNEL_LIB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTIONS_RUN_MAX    1024
#define OPTIONS_RUN_AT_MAX 2048

struct organisation;

struct kernel_options {
	const struct organisation *organisation; /* mode=; NULL: nothing has been read yet */
	const char *mode_name;                   /* its name */
	uint32_t cpus;                           /* cpus=N: use at most N, 1 to 32; default 32 */
	bool affinity;    /* affinity=on (default): threads stay on their processors; off */
	bool lock_always; /* lock=always: the giant lock even on one processor; auto (default) */
	uint32_t jitter;  /* jitter=SEED: reschedule at random times, for tests; 0 (default): no */
	char run[OPTIONS_RUN_MAX]; /* run="PROGRAM ARGS; PROGRAM …"; empty: the console's shell */
	/*
	 * run@N=…, for organisations with partitions (kernel/partition): "N=…", one text after the
	 * other, an empty one at the end.
	 */
	char run_at[OPTIONS_RUN_AT_MAX];
	char machine[16]; /* machine=qemu|icount|bochs: named in results; default "unknown" */
};

/* What this boot runs as. Set before anything else starts; constant from then on. */
extern struct kernel_options kernel_options;

/* Any context. */
static inline const char *mode_name(void)
{
	return kernel_options.mode_name;
}

#endif
