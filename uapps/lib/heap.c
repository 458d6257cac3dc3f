/*
 * The memory under malloc(): the container's break, which the kernel moves. It is remembered here,
 * so that only changes need a call.
 */
#include <stddef.h>
#include <stdlib.h>
#include <malloc.h>
#include <unistd.h>
#include "result.h"

static uint32_t current_break;

void *_sbrk_r(struct _reent *reent, ptrdiff_t increment)
{
	uint32_t old, new;

	if (!current_break)
		current_break = castle_call1(CASTLE_CALL_brk, 0);
	old = current_break;
	new = old + increment;
	if (new != old) {
		current_break = castle_call1(CASTLE_CALL_brk, new);
		if (current_break != new) {
			reent->_errno = ENOMEM;
			return (void *)-1;
		}
	}
	return (void *)(uintptr_t)old;
}

void *sbrk(ptrdiff_t increment)
{
	return _sbrk_r(_REENT, increment);
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
