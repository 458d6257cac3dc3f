/*
 * The registers of an application thread: what its program had in them when it last entered the
 * application kernel. User registers are a trap frame,
 * as the kernel's threads have it, so that both kernels' entry code is made of the same parts.
 *
 * Contract of all functions here: Any context.
 */
#ifndef KERNEL_APPKERN_IA32_REGISTERS_H
#define KERNEL_APPKERN_IA32_REGISTERS_H

#include <castle/apkern.h>
#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/fpu_image.h"
#include "arch/ia32/frame.h"

struct application_registers {
	struct trap_frame frame; /* first: the entry code saves user registers here */
	struct fpu_image fpu;
	bool fpu_used;
	uint32_t tls; /* base of %gs */
};

/* What a new thread starts with. */
void registers_init(struct application_registers *registers);

/*
 * Sets and gets those that a program names (CASTLE_APKERN_GENERAL, CASTLE_APKERN_TLS): whatever it
 * wants in them, the thread stays in user mode.
 */
void registers_set(struct application_registers *registers,
		   const struct castle_apkern_registers *values);
void registers_get(const struct application_registers *registers,
		   struct castle_apkern_registers *values);

/* The same for floating-point state, which is made a valid one. */
void registers_set_fpu(struct application_registers *registers, struct fpu_image *image);

#endif
