/*
 * The attribute of objects that processes share.
 */
#ifndef CASTLE_LIB_PSHARED_H
#define CASTLE_LIB_PSHARED_H

#include <errno.h>
#include <pthread.h>

static inline int pshared_set(int *attribute, int pshared)
{
	if (pshared != PTHREAD_PROCESS_PRIVATE && pshared != PTHREAD_PROCESS_SHARED)
		return EINVAL;
	*attribute = pshared;
	return 0;
}

#endif
