/*
 * What a window found, as a line of JSON.
 */
#ifndef TOOLS_COHERENCE_REPORT_H
#define TOOLS_COHERENCE_REPORT_H

#include "model.h"
#include "sites.h"

#include <stdio.h>

/* Sorts `sites`. */
void report_window(FILE *output, const char *name, const struct model *model, struct sites *sites,
		   const uint64_t *instructions);

#endif
