/*
 * SA_RESTART: the kernel ends a wait with EINTR when a handler has run; calls that POSIX wants
 * restarted are made again here.
 */
#include "result.h"
#include "thread.h"

int32_t failed_restartable(struct _reent *reent, const uint32_t call[4], int32_t result)
{
	while (result == -EINTR && signal_restarts && signal_restarts()) {
		cancel_point_begin();
		result = castle_call3(call[0], call[1], call[2], call[3]);
		cancel_point_end();
	}
	return result_in(reent, result);
}
