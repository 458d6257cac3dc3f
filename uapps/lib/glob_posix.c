/*
 * glob() as POSIX has it, on newlib's.
 */
#define CASTLE_GLOB_IS_NEWLIBS
#include <glob.h>

int castle_glob(const char *pattern, int flags, int (*error)(const char *, int), glob_t *paths)
{
	const int result = glob(pattern, flags, error, paths);

	return result == 0 && paths->gl_matchc == 0 && !(flags & GLOB_NOCHECK) ? GLOB_NOMATCH
									       : result;
}
