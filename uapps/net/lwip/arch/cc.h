/*
 * What lwIP wants to know of compiler and library: nearly nothing, since its defaults are those of
 * any C library.
 */
#ifndef CASTLE_LWIP_CC_H
#define CASTLE_LWIP_CC_H

#include <machine/endian.h>
#include <stdlib.h>

/* TCP's first sequence numbers and ports; netd seeds it with time and address. */
#define LWIP_RAND() ((u32_t)random())

#endif
