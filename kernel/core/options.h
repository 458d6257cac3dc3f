/*
 * The kernel command line: `key=value` words, values with blanks in double quotes. Every key and
 * value is checked before anything else starts (design: Modes).
 */
#ifndef KERNEL_CORE_OPTIONS_H
#define KERNEL_CORE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTIONS_RUN_MAX   1024
#define OPTIONS_ERROR_MAX 512

/* How this kernel itself works: in a mode that a driver adds, as the uniprocessor kernel. */
enum kernel_mode { MODE_UP, MODE_GIANTLOCK };

struct kernel_options {
	const char *mode_name; /* mode= */
	enum kernel_mode mode; /* follows from it */
	uint32_t cpus;         /* cpus=N: use at most N, 1 to 32; default 32 */
	bool affinity;         /* affinity=on (default): threads stay on their processors; off */
	bool lock_always; /* lock=always: the giant lock even on one processor; auto (default) */
	uint32_t jitter;  /* jitter=SEED: reschedule at random times, for tests; 0 (default): no */
	char run[OPTIONS_RUN_MAX]; /* run="PROGRAM ARGS; PROGRAM …"; empty: a shell on the console
				    */
	char machine[16]; /* machine=qemu|icount|bochs: named in results; default "unknown" */
};

/*
 * Parses `line` into *options. 0, or -EINVAL with a sentence in `error` that names the offending
 * key or value and lists the valid ones. Modes that this kernel does not have are refused with
 * their own sentence. Keys DRIVER.KEY go to the drivers linked in, which may also have added modes
 * (kernel/dev/driver.h). The word that GRUB may put first, the kernel's path, is the caller's to
 * skip.
 */
int options_parse(struct kernel_options *options, const char *line, char error[OPTIONS_ERROR_MAX]);

#endif
