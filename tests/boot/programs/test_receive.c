/*
 * A message whose receiver cannot take it: it stays, and is the next one still.
 */
#include "common/guard.h"
#include "common/tap.h"

#include <castle/castle.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void send_to_self(uint32_t kind)
{
	struct castle_message message = { .to = getpid(), .kind = kind, .size = 1, .data = "x" };

	castle_send(&message);
}

static uint32_t receive(void)
{
	struct castle_message message = { .kind = 0 };

	return castle_receive(&message, CASTLE_NOWAIT) == 0 ? message.kind : 0;
}

static void test_bad_buffer(void *buffer, const char *name)
{
	send_to_self(1);
	send_to_self(2);
	ok_errno(castle_receive(buffer, 0), EFAULT, name);
	ok_is(receive(), 1, "the message is still there");
	ok_is(receive(), 2, "and the one behind it");
	ok_is(receive(), 0, "and no other one");
}

/* A receiver that waits when the message comes. */
static void wait_with_bad_buffer(void)
{
	struct castle_message message = { .to = getppid(), .kind = 1 };

	castle_send(&message);
	if (castle_receive((struct castle_message *)0x1000, 0) != -1 || errno != EFAULT)
		_exit(1);
	_exit(receive() == 7 ? 0 : 2);
}

static void test_waiting(void)
{
	struct castle_message message;
	pid_t pid = fork();

	if (pid == 0)
		wait_with_bad_buffer();
	castle_receive(&message, 0);
	usleep(20000);
	message = (struct castle_message){ .to = pid, .kind = 7 };
	castle_send(&message);
	ok_is(guard_wait(pid), 0, "nor is it lost if the receiver waited for it");
}

/* As many as a mailbox holds, so that senders wait: the failed receive must wake none in vain. */
static void full_mailbox(void)
{
	const pid_t parent = getpid();
	int received = 0, status;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		for (uint32_t i = 1; i <= 100; i++) {
			struct castle_message message = { .to = parent, .kind = i };

			castle_send(&message);
		}
		_exit(0);
	}
	usleep(50000);
	castle_receive((struct castle_message *)0x1000, 0);
	for (uint32_t i = 1; i <= 100; i++) {
		struct castle_message message = { .kind = 0 };

		received += castle_receive(&message, 0) == 0 && message.kind == i;
	}
	waitpid(pid, &status, 0);
	_exit(received == 100 && receive() == 0 ? 0 : 1);
}

int main(void)
{
	uintptr_t end;

	test_bad_buffer((void *)0x1000, "receive into nowhere");
	test_bad_buffer((void *)0x80000ff0, "receive into the stack's guard");
	end = ((uint32_t)castle_call1(CASTLE_CALL_brk, 0) + 4095) / 4096 * 4096;
	test_bad_buffer((void *)(end - 16), "receive across the end of memory");
	test_waiting();
	ok_is(guard_exit(full_mailbox), 0, "nor if the mailbox was full");
	return done_testing();
}
