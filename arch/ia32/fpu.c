/*
 * The floating-point unit (Intel SDM volume 3, section 2.5, CR0.TS; chapter 13).
 */
#include "arch/ia32/fpu.h"

#include <castle/errno.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/fpu_image.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/slab.h"
#include "kernel/sched/thread.h"

struct fpu_state {
	struct fpu_image image;
};

uint32_t fpu_mxcsr_mask SET_AT_BOOT;
static struct slab_cache fpu_cache GUARDED_BY(slabs);
static CPU_LOCAL bool fpu_trapping; /* CR0.TS as it is now */

void fpu_init(void)
{
	slab_cache_init(&fpu_cache, "fpu", sizeof(struct fpu_state), 16);
}

/* DAZ is a bit that not every processor with SSE has (SDM volume 1, section 11.6.6). */
static uint32_t mxcsr_mask_read(void)
{
	struct fpu_image image = { 0 };
	uint32_t mask;

	if (!processor_has(PROCESSOR_FXSR))
		return MXCSR_VALID;
	fpu_image_save(&image);
	memcpy(&mask, image.bytes + MXCSR_MASK, sizeof mask);
	return mask ? mask : MXCSR_VALID;
}

void fpu_init_processor(void)
{
	cr0_write((cr0_read() | CR0_MP | CR0_NE) & ~(CR0_EM | CR0_TS));
	fpu_mxcsr_mask = mxcsr_mask_read();
	cr0_write(cr0_read() | CR0_TS);
	fpu_trapping = true;
}

static void fpu_open(void)
{
	fpu_trap_off();
	fpu_trapping = false;
}

bool fpu_activate(struct thread *thread)
{
	if (thread->fpu)
		return false; /* its state is loaded: something else is wrong */
	thread->fpu = slab_alloc(&fpu_cache);
	if (!thread->fpu)
		return false;
	fpu_open();
	fpu_image_start(&thread->fpu->image);
	return true;
}

const struct fpu_image *fpu_capture(struct thread *thread)
{
	assert_held(process);
	if (!thread->fpu)
		return NULL;
	fpu_image_save(&thread->fpu->image);
	return &thread->fpu->image;
}

void fpu_reset(struct thread *thread)
{
	assert_held(process);
	if (thread->fpu)
		fpu_image_start(&thread->fpu->image);
}

bool fpu_restore(struct thread *thread, struct fpu_image *image)
{
	assert_held(process);
	if (!thread->fpu && !fpu_activate(thread))
		return false;
	fpu_image_sanitise(image);
	fpu_image_load(image);
	return true;
}

void fpu_unload(struct thread *from)
{
	if (from->fpu)
		fpu_image_save(&from->fpu->image);
}

void fpu_switch(struct thread *from, struct thread *to)
{
	if (from)
		fpu_unload(from);
	if (to->fpu) {
		fpu_open();
		fpu_image_load(&to->fpu->image);
	} else if (!fpu_trapping) {
		cr0_write(cr0_read() | CR0_TS);
		fpu_trapping = true;
	}
}

int fpu_copy(struct thread *to)
{
	if (!current_thread->fpu)
		return 0;
	to->fpu = slab_alloc(&fpu_cache);
	if (!to->fpu)
		return -ENOMEM;
	fpu_image_save(&current_thread->fpu->image);
	/* fnsave re-initialises the unit; fxsave does not. */
	if (!processor_has(PROCESSOR_FXSR))
		fpu_image_load(&current_thread->fpu->image);
	memcpy(to->fpu, current_thread->fpu, sizeof *to->fpu);
	return 0;
}

void fpu_free(struct fpu_state *state)
{
	slab_free(&fpu_cache, state);
}
