/*
 * The kernel's own symbol table, which the boot loader leaves in memory with its section headers.
 */
#ifndef KERNEL_DEBUG_SYMBOLS_H
#define KERNEL_DEBUG_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

/* Finds the table among the sections that the loader passed. At boot. */
void symbols_init(void);

/* The i-th range of memory that the table occupies; false when there are no more. At boot. */
bool symbols_memory(uint32_t i, uint32_t *start, uint32_t *end);

/* The function that `address` is in, and how far in it; NULL if it is in none. Any context. */
const char *symbol_of(uint32_t address, uint32_t *offset);

#endif
