/*
 * The floating-point unit (Intel SDM volume 3, section 2.5, CR0.TS; chapter 13).
 */
#include "arch/ia32/fpu.h"

#include <castle/errno.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/processor.h"
#include "kernel/lib/string.h"
#include "kernel/mem/slab.h"
#include "kernel/proc/thread.h"

#define MXCSR_DEFAULT 0x1f80u /* all exceptions masked */

struct fpu_state {
	uint8_t bytes[512]; /* what fxsave or fnsave writes */
};

static struct slab_cache fpu_cache;
static CPU_LOCAL bool fpu_trapping; /* CR0.TS as it is now */

void fpu_init(void)
{
	slab_cache_init(&fpu_cache, "fpu", sizeof(struct fpu_state), 16);
}

void fpu_init_processor(void)
{
	cr0_write((cr0_read() | CR0_MP | CR0_NE | CR0_TS) & ~CR0_EM);
	fpu_trapping = true;
}

static void fpu_save(struct fpu_state *state)
{
	if (processor_has(PROCESSOR_FXSR))
		__asm__ volatile("fxsave %0" : "=m"(*state));
	else
		__asm__ volatile("fnsave %0\n\tfwait" : "=m"(*state));
}

static void fpu_load(const struct fpu_state *state)
{
	if (processor_has(PROCESSOR_FXSR))
		__asm__ volatile("fxrstor %0" : : "m"(*state));
	else
		__asm__ volatile("frstor %0" : : "m"(*state));
}

static void fpu_open(void)
{
	fpu_trap_off();
	fpu_trapping = false;
}

bool fpu_activate(struct thread *thread)
{
	const uint32_t mxcsr = MXCSR_DEFAULT;

	if (thread->fpu)
		return false; /* its state is loaded: something else is wrong */
	thread->fpu = slab_alloc(&fpu_cache);
	if (!thread->fpu)
		return false;
	fpu_open();
	__asm__ volatile("fninit");
	if (processor_has(PROCESSOR_SSE))
		__asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
	/* fninit leaves xmm registers and other threads' secrets in them: load a clean image. */
	memset(thread->fpu, 0, sizeof *thread->fpu);
	fpu_save(thread->fpu);
	if (processor_has(PROCESSOR_FXSR))
		memset(thread->fpu->bytes + 32, 0, sizeof thread->fpu->bytes - 32);
	fpu_load(thread->fpu);
	return true;
}

void fpu_unload(struct thread *from)
{
	if (from->fpu)
		fpu_save(from->fpu);
}

void fpu_switch(struct thread *from, struct thread *to)
{
	if (from)
		fpu_unload(from);
	if (to->fpu) {
		fpu_open();
		fpu_load(to->fpu);
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
	fpu_save(current_thread->fpu);
	/* fnsave re-initialises the unit; fxsave does not. */
	if (!processor_has(PROCESSOR_FXSR))
		fpu_load(current_thread->fpu);
	memcpy(to->fpu, current_thread->fpu, sizeof *to->fpu);
	return 0;
}

void fpu_free(struct fpu_state *state)
{
	slab_free(&fpu_cache, state);
}
