/* As cycles, and for each caller as well. */
#define LOPI_CALLERS
#include "hooks_cycles.h"
