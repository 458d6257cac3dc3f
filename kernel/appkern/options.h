/*
 * What the command line chooses for the application kernel: apkern.KEY=VALUE.
 */
#ifndef KERNEL_APPKERN_OPTIONS_H
#define KERNEL_APPKERN_OPTIONS_H

#include <stdbool.h>
#include "kernel/dev/driver.h"

struct application_options {
	bool poll;    /* notify=poll: bootstrap threads look for messages; interrupt (default) */
	bool combine; /* combine=on: activate and wait in one driver call; off (default) */
	bool local;   /* local=on: some calls are answered where they are made; off (default) */
	bool migrate; /* migrate=on: threads bound to system calls move over; off (default) */
};

extern struct application_options application_options;

#define APPLICATION_OPTION_COUNT 4
extern const struct driver_option application_option_table[APPLICATION_OPTION_COUNT];

#endif
