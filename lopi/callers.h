/*
 * Direct calls, in the object, of functions that it instruments.
 */
#ifndef LOPI_CALLERS_H
#define LOPI_CALLERS_H

#include "instrument.h"

/*
 * Makes calls, and jumps, to functions that have stubs lead to these at once, rather than by the
 * jump at the function's entry, where the call is sure to be of that function. To be called when
 * all stubs are in the object.
 */
void callers_redirect(const struct instrumentation *instrumentation, enum home home);

#endif
