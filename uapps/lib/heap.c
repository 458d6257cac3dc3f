/*
 * The memory under malloc(): the container's break, which the kernel moves. It moves in steps that
 * are larger than what is asked for, which costs nothing, since memory is given when it is touched,
 * and it never moves back, since nothing would be given back. So most changes need no call.
 */
#include <stddef.h>
#include <stdlib.h>
#include <malloc.h>
#include <unistd.h>
#include "heap_cache.h"
#include "result.h"

#define BREAK_STEP 65536u

size_t heap_grown;

static uint32_t first_break;   /* 0: not known yet */
static uint32_t current_break; /* of the program */
static uint32_t kernel_break;  /* the same or above it */
static uint32_t highest_break; /* that the program ever had */

/*
 * Moves the kernel's break up to the end of a step; if that is too much, as far as is asked for.
 * First it goes back to the program's: what is between them has not been touched, and the kernel,
 * which refuses more than it has, must count it again.
 */
static int extend(uint32_t new)
{
	const uint32_t step = (new + BREAK_STEP - 1) & -BREAK_STEP;

	if (kernel_break != current_break)
		castle_call1(CASTLE_CALL_brk, current_break);
	if (castle_call1(CASTLE_CALL_brk, step) == (int32_t)step)
		kernel_break = step;
	else
		kernel_break = castle_call1(CASTLE_CALL_brk, new);
	return kernel_break >= new ? 0 : -1;
}

void *_sbrk_r(struct _reent *reent, ptrdiff_t increment)
{
	uint32_t old, end;

	if (!first_break)
		first_break = current_break = kernel_break = castle_call1(CASTLE_CALL_brk, 0);
	old = current_break;
	end = old + increment;
	if (end < first_break || (end > kernel_break && extend(end) != 0)) {
		reent->_errno = ENOMEM;
		return (void *)-1;
	}
	current_break = end;
	if (increment > 0)
		heap_grown += increment;
	if (end > highest_break)
		highest_break = end;
	return (void *)(uintptr_t)old;
}

void *sbrk(ptrdiff_t increment)
{
	return _sbrk_r(_REENT, increment);
}

/* Nobody has written there: a break that moves down leaves what lies above it as it is. */
const char *heap_fresh(void)
{
	return (const char *)(uintptr_t)highest_break;
}

/* `alignment` is a power of two times sizeof(void *). */
int posix_memalign(void **result, size_t alignment, size_t size)
{
	void *memory;

	if (!alignment || alignment % sizeof(void *) || (alignment & (alignment - 1)))
		return EINVAL;
	memory = memalign(alignment, size);
	if (!memory)
		return ENOMEM;
	*result = memory;
	return 0;
}
