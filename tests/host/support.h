/*
 * What the host tests share: memory for the page allocator, allocations that fail on demand, and
 * the main program.
 */
#ifndef TESTS_HOST_SUPPORT_H
#define TESTS_HOST_SUPPORT_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>

/* Gives the page allocator `pages` pages of fresh memory, and kmem its caches. */
void memory_start(size_t pages);

/* From now on the n-th page allocation fails, counted from 1; 0: none does. */
void memory_fail_at(unsigned n);

/* True if an allocation has failed since memory_fail_at(). */
int memory_has_failed(void);

/* Fails the test unless all memory is free again once caches have given back what they keep. */
void memory_check_free(size_t expected);

/* A range of addresses that copies to and from "user memory" refuse; NULL for none. */
void user_memory_bad(void *start, size_t size);

/* Each test program defines its tests. */
Suite *test_suite(void);

#endif
