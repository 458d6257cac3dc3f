/*
 * What this boot runs as.
 */
#ifndef KERNEL_CORE_MODE_H
#define KERNEL_CORE_MODE_H

#include "kernel/core/options.h"

extern struct kernel_options kernel_options;

static inline const char *mode_name(void)
{
	return kernel_options.mode_name;
}

#endif
