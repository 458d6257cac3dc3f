/*
 * The checksum of the tables that firmware leaves, ACPI's and those of the MultiProcessor
 * Specification: all bytes add up to zero.
 *
 * Contract of all functions here: Any context.
 */
#ifndef ARCH_IA32_CHECKSUM_H
#define ARCH_IA32_CHECKSUM_H

#include <stdbool.h>
#include <stdint.h>

static inline bool checksum_is_good(const void *table, uint32_t length)
{
	uint8_t sum = 0;

	for (uint32_t i = 0; i < length; i++)
		sum += ((const uint8_t *)table)[i];
	return sum == 0;
}

#endif
