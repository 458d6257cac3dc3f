/*
 * Random numbers that can be had at any place of a sequence.
 */
#include "fuzz.h"

/* Finaliser of MurmurHash3 (A. Appleby, public domain): every bit of the input moves every other.
 */
static uint32_t mixed(uint32_t x)
{
	x = (x ^ x >> 16) * 0x85ebca6b;
	x = (x ^ x >> 13) * 0xc2b2ae35;
	return x ^ x >> 16;
}

uint32_t stream_within(uint32_t stream, uint32_t number)
{
	return mixed(stream + 0x9e3779b9 * (number + 1));
}

struct chance chance_of(uint32_t stream, uint32_t step)
{
	return (struct chance){ stream_within(stream, step) | 1 };
}

/* G. Marsaglia: Xorshift RNGs, 2003. */
uint32_t draw(struct chance *chance)
{
	chance->state ^= chance->state << 13;
	chance->state ^= chance->state >> 17;
	chance->state ^= chance->state << 5;
	return mixed(chance->state);
}

uint32_t below(struct chance *chance, uint32_t limit)
{
	return draw(chance) % limit;
}

bool once_in(struct chance *chance, uint32_t many)
{
	return below(chance, many) == 0;
}
