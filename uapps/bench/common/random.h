/*
 * Random numbers of benchmarks: the same settings give the same run everywhere. Marsaglia, Xorshift
 * RNGs, Journal of Statistical Software, 2003. A state is never 0.
 */
#ifndef UAPPS_BENCH_COMMON_RANDOM_H
#define UAPPS_BENCH_COMMON_RANDOM_H

#include <stdint.h>

static inline uint32_t random_next(uint32_t *state)
{
	uint32_t x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}

/* A random number from 0 to `limit` - 1. */
static inline uint32_t random_below(uint32_t *state, uint32_t limit)
{
	return ((uint64_t)random_next(state) * limit) >> 32;
}

/* The first state. Seeds that are close together shall not give sequences that are. */
static inline uint32_t random_start(uint32_t seed, uint32_t stream)
{
	const uint32_t mixed = (seed * 0x9e3779b9u) ^ ((stream + 1) * 0x85ebca6bu);

	return mixed ? mixed : 1;
}

#endif
