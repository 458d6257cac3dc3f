/*
 * newlib's <setjmp.h> and POSIX's jumps that restore the signal mask, for leaving a signal handler.
 */
#ifndef CASTLE_SETJMP_H
#define CASTLE_SETJMP_H

#include_next <setjmp.h>
#include <signal.h>

/* The jumps that never touch the signal mask: newlib's plain ones. */
#define _setjmp(environment)         setjmp(environment)
#define _longjmp(environment, value) longjmp(environment, value)

typedef struct {
	jmp_buf registers;
	int mask_saved;
	sigset_t mask;
} sigjmp_buf[1];

/* Like setjmp(); remembers the signal mask too if `savemask` is not zero. */
#define sigsetjmp(environment, savemask)                              \
	(((environment)->mask_saved = (savemask))                     \
		 ? sigprocmask(SIG_BLOCK, NULL, &(environment)->mask) \
		 : 0,                                                 \
	 setjmp((environment)->registers))

/* Like longjmp(); puts back the signal mask if sigsetjmp() remembered it. */
void siglongjmp(sigjmp_buf environment, int value) __attribute__((noreturn));

#endif
