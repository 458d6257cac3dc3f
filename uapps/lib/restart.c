/*
 * SA_RESTART: the kernel ends a wait with EINTR when a handler has run; calls that POSIX wants
 * restarted are made again here.
 */
#include <errno.h>
#include "result.h"
#include "thread.h"

/* A file beyond the limit of the process: it is told so by a signal as well (POSIX, write()). */
static void file_is_too_large(void)
{
	struct castle_limit limit;

	if (castle_call3(CASTLE_CALL_limit, CASTLE_LIMIT_FSIZE, 0, address(&limit)) == 0 &&
	    limit.now != CASTLE_LIMIT_NONE)
		castle_call2(CASTLE_CALL_thread_kill, castle_call0(CASTLE_CALL_gettid),
			     CASTLE_SIGXFSZ);
}

int32_t failed_restartable(struct _reent *reent, const uint32_t call[4], int32_t result)
{
	while (result == -EINTR && signal_restarts && signal_restarts()) {
		cancel_point_begin();
		result = castle_call3(call[0], call[1], call[2], call[3]);
		cancel_point_end();
	}
	if (result == -EFBIG && call[0] == CASTLE_CALL_write)
		file_is_too_large();
	return result_in(reent, result);
}
