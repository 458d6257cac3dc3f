/*
 * The functions of <castle/castle.h>: Castle's own calls with errno.
 */
#include "result.h"

int castle_info(enum castle_info kind, void *buffer, size_t size)
{
	return result_of(castle_call3(CASTLE_CALL_info, kind, address(buffer), size));
}

int castle_account_start(const char *name)
{
	return result_of(castle_call2(CASTLE_CALL_account, CASTLE_ACCOUNT_START, address(name)));
}

int castle_account_stop(struct castle_account *total)
{
	return result_of(castle_call2(CASTLE_CALL_account, CASTLE_ACCOUNT_STOP, address(total)));
}

int castle_getcpu(void)
{
	return castle_call0(CASTLE_CALL_getcpu);
}

int castle_poweroff(int status)
{
	return result_of(castle_call1(CASTLE_CALL_poweroff, status));
}

int castle_mark(const char *text)
{
	return result_of(castle_call1(CASTLE_CALL_mark, address(text)));
}

int castle_gettid(void)
{
	return castle_call0(CASTLE_CALL_gettid);
}

int castle_poll_console(void)
{
	return result_of(castle_call0(CASTLE_CALL_poll_console));
}

int castle_send(const struct castle_message *message)
{
	return result_of(castle_call1(CASTLE_CALL_send, address(message)));
}

int castle_receive(struct castle_message *message, int flags)
{
	return result_of(castle_call2(CASTLE_CALL_receive, address(message), flags));
}

int castle_futex_wait(uint32_t *word, uint32_t expected, const struct castle_timespec *timeout)
{
	return result_of(
		castle_call3(CASTLE_CALL_futex_wait, address(word), expected, address(timeout)));
}

int castle_futex_wake(uint32_t *word, int count)
{
	return result_of(castle_call2(CASTLE_CALL_futex_wake, address(word), count));
}
