/*
 * The kernel of the partitions, at its place in the memory of one of them.
 *
 * Contract of all functions here: Any context, on the partition's first processor, without paging.
 */
#ifndef KERNEL_PARTITION_LOAD_H
#define KERNEL_PARTITION_LOAD_H

#include <stdbool.h>
#include <stdint.h>

/* What has been loaded. */
struct partition_image {
	uint32_t entry;
	uint32_t end; /* behind it and its symbols */
	uint32_t symbols, symbols_size, strings, strings_size;
};

/*
 * Which kernel partitions run: the uniprocessor kernel, or the giant-lock kernel, for `several`
 * processors in each. At boot.
 */
void partition_load_choose(bool several);

/*
 * Puts the kernel to `start` and on, with its symbols behind it, as if it had been linked for that
 * place.
 */
void partition_load(uint32_t start, struct partition_image *image);

/*
 * Where its variable or function of this name is, in an image that has been loaded. Panics if there
 * is none.
 */
void *partition_symbol(const struct partition_image *image, const char *name);

#endif
