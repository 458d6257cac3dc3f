/*
 * Floating-point state. A thread has none until its first floating-point instruction traps; from
 * then on it is saved and restored at each switch. Nothing stays behind in a processor, so a thread
 * may run on another one next time.
 */
#ifndef ARCH_IA32_FPU_H
#define ARCH_IA32_FPU_H

#include <stdbool.h>

struct fpu_image;
struct fpu_state;
struct thread;

/* At boot. */
void fpu_init(void);

/* Prepares this processor's unit: a thread's first use will trap. At boot, on each processor. */
void fpu_init_processor(void);

/*
 * The thread used the floating-point unit. False when it may not, or when memory is out. Caller
 * holds nothing (the thread is the current one).
 */
bool fpu_activate(struct thread *thread);

/*
 * The current thread's floating-point registers, for a signal handler's frame; NULL if it has none.
 * The unit's state is undefined until fpu_reset() or fpu_restore(). Caller holds process (the
 * thread is the current one).
 */
const struct fpu_image *fpu_capture(struct thread *thread);

/*
 * Gives the current thread, if it has floating-point registers, those that a thread starts with.
 * Caller holds process (the thread is the current one).
 */
void fpu_reset(struct thread *thread);

/*
 * Loads the current thread's registers from an image of the program's, which it may have made up:
 * what would fault is taken out of it. False when memory is out. Caller holds process (the thread
 * is the current one).
 */
bool fpu_restore(struct thread *thread, struct fpu_image *image);

/*
 * Around a switch: saves what `from` has there, loads what `to` has or makes its first use trap.
 * Any context, not at first level.
 */
void fpu_switch(struct thread *from, struct thread *to);

/* Saves what `from` has in the unit, for another processor to load. Any context. */
void fpu_unload(struct thread *from);

/* Gives `to` a copy of the current thread's state, on fork. 0 or -ENOMEM. Caller holds nothing. */
int fpu_copy(struct thread *to);

/* Takes what fpu_activate() or fpu_copy() gave. Caller holds nothing. */
void fpu_free(struct fpu_state *state);

#endif
