/*
 * What the command line chooses for the application kernel: apkern.KEY=VALUE.
 */
#ifndef KERNEL_APPKERN_OPTIONS_H
#define KERNEL_APPKERN_OPTIONS_H

#include <stdbool.h>

struct application_options {
	bool poll;    /* notify=poll: bootstrap threads look for messages; interrupt (default) */
	bool combine; /* combine=on: activate and wait in one driver call; off (default) */
	bool local;   /* local=on: some calls are answered where they are made; off (default) */
	bool migrate; /* migrate=on: threads bound to system calls move over; off (default) */
};

extern struct application_options application_options;

#endif
