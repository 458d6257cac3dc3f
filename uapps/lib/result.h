/*
 * How results of Castle's calls become POSIX results: a negative errno value goes to errno, and the
 * function returns -1.
 */
#ifndef CASTLE_LIB_RESULT_H
#define CASTLE_LIB_RESULT_H

#include <errno.h>
#include <reent.h>
#include <stdint.h>
#include <castle/castle.h>
#include "thread.h"

/*
 * Addresses count as results too, so an error is not just any negative number but one of the last
 * 4,095 values, where no user address lies.
 */
static inline int call_failed(int32_t result)
{
	return (uint32_t)result > (uint32_t)-4096;
}

/* The POSIX result of a call; errno goes where newlib wants it. */
static inline int32_t result_in(struct _reent *reent, int32_t result)
{
	if (!call_failed(result))
		return result;
	reent->_errno = -result;
	return -1;
}

/* The POSIX result of a call; where errno lies is asked for an error alone. */
static inline int32_t result_of(int32_t result)
{
	return call_failed(result) ? result_in(_REENT, result) : result;
}

/* Sets errno and returns -1. */
static inline int failure(int error)
{
	errno = error;
	return -1;
}

/* A pointer as a call's argument. */
static inline uint32_t address(const volatile void *pointer)
{
	return (uint32_t)(uintptr_t)pointer;
}

/*
 * The POSIX result of a call that failed, or of its repetition after signals whose handlers have
 * SA_RESTART. Apart from result_in(), so that calls that succeed cost no more for it.
 */
int32_t failed_restartable(struct _reent *reent, const uint32_t call[4], int32_t result);

/* The POSIX result of a call with three arguments that is made again as above. */
static inline int32_t restartable(struct _reent *reent, uint32_t number, uint32_t arg1,
				  uint32_t arg2, uint32_t arg3)
{
	int32_t result;

	cancel_point_begin();
	result = castle_call3(number, arg1, arg2, arg3);
	cancel_point_end();
	if (__builtin_expect(!call_failed(result), 1))
		return result;
	return failed_restartable(reent, (const uint32_t[]){ number, arg1, arg2, arg3 }, result);
}

#endif
