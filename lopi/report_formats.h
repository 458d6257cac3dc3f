/*
 * The formats of `lopi report`. Each writes to `file` what `result` has, and ends the tool if that
 * is not enough for it. They may sort what the result consists of.
 */
#ifndef LOPI_REPORT_FORMATS_H
#define LOPI_REPORT_FORMATS_H

#include "result.h"

#include <stdio.h>

typedef void report_format(FILE *file, struct result *result);

report_format report_flat, report_callgraph;                 /* tables */
report_format report_folded, report_svg;                     /* stacks */
report_format report_chrome, report_callgrind, report_pprof; /* for other people's viewers */

#endif
