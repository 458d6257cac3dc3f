/*
 * The virtual address map that the kernel, the programs and the package linker script share:
 * Figure 3.2 of the thesis, laid out for IA-32 two-level paging. Assembly and linker scripts
 * include this file too, so it holds nothing but plain constants.
 */
#ifndef CASTLE_ADDRESS_MAP_H
#define CASTLE_ADDRESS_MAP_H

/* Kernel: physical memory, mapped one to one. Never accessible to programs. */
#define CASTLE_KERNEL_BASE 0x00000000
#define CASTLE_KERNEL_END  0x40000000

/*
 * Code packages: a slot of 4 MB (one page directory entry) each. Slot 0 belongs to the kernel and
 * holds the kernel information page (castle/kernel_page.h); the last slot stays empty, so that
 * nothing readable lies right below the stack guard.
 */
#define CASTLE_CODE_BASE       0x40000000
#define CASTLE_CODE_END        0x80000000
#define CASTLE_CODE_SLOT_SIZE  0x00400000
#define CASTLE_CODE_SLOT_FIRST 1
#define CASTLE_CODE_SLOT_LAST  254

/* The container's initial 4 MB: guard, stack (grows down from its end), global variables, heap. */
#define CASTLE_CONTAINER_BASE  0x80000000
#define CASTLE_STACK_GUARD_END 0x80001000
#define CASTLE_STACK_END       0x80100000
#define CASTLE_DATA_BASE       0x80100000
#define CASTLE_INITIAL_END     0x80400000

/*
 * The initial stack's strings end here. The rest of the stack's first page, zero at the start, is
 * the C library's: what start-up and exit write lies there, in a page that exists already, so that
 * a program which does nothing touches no page of data.
 */
#define CASTLE_STACK_ARGUMENTS_END 0x800FFF80

/*
 * Global variables may reach beyond the initial 4 MB, up to here; the heap begins behind them. The
 * rest of the heap goes up to the thread stacks.
 */
#define CASTLE_DATA_END 0xB0100000
#define CASTLE_HEAP_END 0xC0000000

/* Thread stacks: one slot for each further thread; the slot's lowest page is its guard. */
#define CASTLE_THREAD_STACKS     0xC0000000
#define CASTLE_THREAD_STACK_SIZE 0x00040000
#define CASTLE_THREAD_STACKS_END 0xFF000000

/* Everything a program may name lies in [CASTLE_USER_BASE, CASTLE_USER_END). */
#define CASTLE_USER_BASE CASTLE_CODE_BASE
#define CASTLE_USER_END  CASTLE_THREAD_STACKS_END

#endif
