/*
 * 64-bit arithmetic that the processor does in one instruction and the compiler would call a
 * library for.
 *
 * Contract of all functions here: Any context.
 */
#ifndef KERNEL_LIB_ARITHMETIC_H
#define KERNEL_LIB_ARITHMETIC_H

#include <stdint.h>

/* dividend / divisor, where the quotient is known to fit 32 bits; else the result saturates. */
static inline uint32_t divide64(uint64_t dividend, uint32_t divisor)
{
	uint32_t quotient, remainder;

	if ((uint32_t)(dividend >> 32) >= divisor)
		return UINT32_MAX;
	__asm__("divl %4"
		: "=a"(quotient), "=d"(remainder)
		: "a"((uint32_t)dividend), "d"((uint32_t)(dividend >> 32)), "r"(divisor)
		: "cc");
	return quotient;
}

#endif
