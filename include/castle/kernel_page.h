/*
 * The kernel information page: one read-only page in code slot 0 that every container sees. It
 * holds the stub through which programs enter the kernel the fastest way the processor has, and
 * facts that never change after boot.
 *
 * Assembly includes this file for the offsets.
 */
#ifndef CASTLE_KERNEL_PAGE_H
#define CASTLE_KERNEL_PAGE_H

#include <castle/address_map.h>

#define CASTLE_KERNEL_PAGE       CASTLE_CODE_BASE
#define CASTLE_KERNEL_PAGE_MAGIC 0x54534143 /* "CAST" */

/*
 * `call CASTLE_CALL_ENTRY`: a system call by sysenter, or by int 0x80 where the processor has no
 * sysenter. In: eax = call number, ebx, esi, edi, ebp = arguments 1 to 4. Out: eax = result, a
 * negative errno value on failure; ecx and edx are lost, all else is kept.
 */
#define CASTLE_CALL_ENTRY (CASTLE_KERNEL_PAGE + 0x800)

/* Where sysenter comes back to in the stub: behind a `mov` and the `sysenter`, two bytes each. */
#define CASTLE_SYSENTER_RETURN (CASTLE_CALL_ENTRY + 4)

#ifndef __ASSEMBLER__
#include <stdint.h>

struct castle_kernel_page {
	uint32_t magic;    /* CASTLE_KERNEL_PAGE_MAGIC */
	uint32_t cpus;     /* processors in use */
	uint32_t sysenter; /* 1 if CASTLE_CALL_ENTRY uses sysenter */
	char mode[16];     /* the organisation of the kernel: mode= of the command line */
	char machine[16];  /* "qemu", "icount", "bochs", "unknown"; from the command line key
			      machine= */
	uint32_t application_processors; /* how many run the application kernel; mostly 0 */
	uint32_t device_processors;      /* how many run no programs, but devices; mostly 0 */
};
#endif

#endif
