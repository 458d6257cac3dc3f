/*
 * The way out of a signal handler that does not return.
 */
#include <setjmp.h>
#include <stddef.h>

void siglongjmp(sigjmp_buf environment, int value)
{
	if (environment->mask_saved)
		sigprocmask(SIG_SETMASK, &environment->mask, NULL);
	longjmp(environment->registers, value);
}
