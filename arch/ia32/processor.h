/*
 * What this processor can do, found once at boot by cpuid, and the switching on of it.
 */
#ifndef ARCH_IA32_PROCESSOR_H
#define ARCH_IA32_PROCESSOR_H

#include <stdbool.h>
#include <stdint.h>

enum processor_feature {
	PROCESSOR_PGE = 1 << 0,
	PROCESSOR_SYSENTER = 1 << 1,
	PROCESSOR_FXSR = 1 << 2,
	PROCESSOR_SSE = 1 << 3,
	PROCESSOR_SMEP = 1 << 4,
	PROCESSOR_SMAP = 1 << 5,
};

extern uint32_t processor_features;

/* Any context. */
static inline bool processor_has(enum processor_feature feature)
{
	return processor_features & feature;
}

/* Looks, panics where something that Castle cannot do without is missing. At boot. */
void processor_detect(void);

/* Switches on what was found, on this processor. At boot, on each processor. */
void processor_enable(void);

/* The brand string, or the vendor's name: 48 bytes, NUL-terminated. Any context. */
void processor_brand(char brand[48]);

#endif
