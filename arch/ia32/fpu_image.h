/*
 * The image of floating-point state that the processor writes and reads (Intel SDM volume 1,
 * sections 8.1.10 and 10.5). Its users decide whose it is and when.
 *
 * Contract of all functions here: Any context, on the processor that has the state.
 */
#ifndef ARCH_IA32_FPU_IMAGE_H
#define ARCH_IA32_FPU_IMAGE_H

#include <stdint.h>
#include "arch/ia32/processor.h"
#include "kernel/lib/string.h"

#define MXCSR_DEFAULT 0x1f80u /* all exceptions masked */
#define MXCSR_VALID   0xffbfu /* what every processor with SSE has */
#define MXCSR_OFFSET  24      /* in what fxsave writes */
#define MXCSR_MASK    28      /* there, too: what this processor has; 0 means MXCSR_VALID */

struct fpu_image {
	uint8_t bytes[512]; /* what fxsave or fnsave writes */
} __attribute__((aligned(16)));

/* fnsave also initialises the unit; fxsave does not. */
static inline void fpu_image_save(struct fpu_image *image)
{
	if (processor_has(PROCESSOR_FXSR))
		__asm__ volatile("fxsave %0" : "=m"(*image));
	else
		__asm__ volatile("fnsave %0\n\tfwait" : "=m"(*image));
}

static inline void fpu_image_load(const struct fpu_image *image)
{
	if (processor_has(PROCESSOR_FXSR))
		__asm__ volatile("fxrstor %0" : : "m"(*image));
	else
		__asm__ volatile("frstor %0" : : "m"(*image));
}

/* Where the registers themselves begin, behind control words and pointers. */
#define FXSAVE_REGISTERS 32
#define FNSAVE_REGISTERS 28
#define FNSAVE_SIZE      108

/* Fills the image with the state that a thread starts with, and loads it. */
static inline void fpu_image_start(struct fpu_image *image)
{
	const uint32_t mxcsr = MXCSR_DEFAULT;

	__asm__ volatile("fninit");
	if (processor_has(PROCESSOR_SSE))
		__asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
	/* fninit leaves registers, and in them other threads' secrets: load a clean image. */
	memset(image, 0, sizeof *image);
	fpu_image_save(image);
	if (processor_has(PROCESSOR_FXSR))
		memset(image->bytes + FXSAVE_REGISTERS, 0, sizeof image->bytes - FXSAVE_REGISTERS);
	else
		memset(image->bytes + FNSAVE_REGISTERS, 0, FNSAVE_SIZE - FNSAVE_REGISTERS);
	fpu_image_load(image);
}

/* The bits of mxcsr that this processor has. */
extern uint32_t fpu_mxcsr_mask;

/* For an image that a program made: fxrstor faults on bits of mxcsr that do not exist. */
static inline void fpu_image_sanitise(struct fpu_image *image)
{
	uint32_t mxcsr;

	if (!processor_has(PROCESSOR_FXSR))
		return;
	memcpy(&mxcsr, image->bytes + MXCSR_OFFSET, sizeof mxcsr);
	mxcsr &= fpu_mxcsr_mask;
	memcpy(image->bytes + MXCSR_OFFSET, &mxcsr, sizeof mxcsr);
}

#endif
