/*
 * From the loader's memory map to the page allocator.
 */
#ifndef KERNEL_BOOT_BOOT_MEMORY_H
#define KERNEL_BOOT_BOOT_MEMORY_H

#include <stdint.h>

/* Less than this free after boot, and Castle refuses to start. */
#define BOOT_MEMORY_MIN_KB 2048u

/*
 * Switches paging on and gives the page allocator all usable memory but what is in use: kernel,
 * boot modules, the loader's structures. Powers off with a message if that is too little. At boot.
 */
void boot_memory_init(void);

#endif
