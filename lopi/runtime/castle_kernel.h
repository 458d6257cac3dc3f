/*
 * What the parts of the kernel's runtime know of each other.
 */
#ifndef LOPI_RUNTIME_CASTLE_KERNEL_H
#define LOPI_RUNTIME_CASTLE_KERNEL_H

#include <stddef.h>
#include <stdint.h>
#include <castle/info.h>

/* From the link map (castle_kernel.ld): where each processor sees its own area. */
extern uint8_t lopi_area_start[], lopi_area_end[];

/* The areas of the processors that were started, at the addresses that all of them see. */
extern uint8_t *lopi_areas[CASTLE_CPUS_MAX];
extern uint32_t lopi_area_count;

/* Where all processors see what the one that the area is of has at `address`. */
static inline void *lopi_area_place(uint8_t *area, void *address)
{
	return (void *)((uintptr_t)area + ((uintptr_t)address - (uintptr_t)lopi_area_start));
}

/* Before the kernel patches its text, and after: notes what is there; switches on what the command
 * line has. Absent if nothing can be switched. */
void lopi_sites_note(void) __attribute__((weak));
void lopi_switch_at_boot(void) __attribute__((weak));

/* Functions were switched: calls under way are forgotten. */
void lopi_drop_calls(void);

/* Zeroed pages of the kernel's, or null. */
void *lopi_run_get(size_t size);

#endif
