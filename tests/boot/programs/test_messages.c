/*
 * Messages: between processes by pid, and to a dynamic process that is created when it is named.
 */
#include "common/tap.h"

#include <castle/castle.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MANY 300

static void test_by_pid(void)
{
	struct castle_message message = { .kind = 7, .size = 5, .data = "hello" };
	struct castle_message received;
	const pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		for (int i = 0; i < MANY; i++) {
			castle_receive(&received, 0);
			received.to = parent;
			received.kind += i + 1;
			if (i == 0 || i == MANY - 1)
				castle_send(&received);
		}
		_exit(0);
	}
	message.to = pid;
	ok_is(castle_send(&message), pid, "send to a process");
	ok_is(castle_receive(&received, 0), 0, "receive the answer");
	ok(received.from == pid && received.kind == 8 && memcmp(received.data, "hello", 5) == 0,
	   "which is right");
	for (int i = 1; i < MANY; i++)
		castle_send(&message);
	castle_receive(&received, 0);
	ok_is(received.kind, 7 + MANY, "more messages than a mailbox holds arrive");
	waitpid(pid, NULL, 0);
	ok_errno(castle_send(&message), ESRCH, "send to a process that is gone");
}

static void test_errors(void)
{
	struct castle_message message = { .size = CASTLE_MESSAGE_SIZE + 1, .to = getpid() };

	ok_errno(castle_receive(&message, CASTLE_NOWAIT), EAGAIN, "nothing to receive");
	ok_errno(castle_receive(&message, 99), EINVAL, "no such flag");
	ok_errno(castle_send(&message), EINVAL, "too large");
	message = (struct castle_message){ .to = 0, .name = "no-such-program" };
	ok_errno(castle_send(&message), ENOENT, "send to a program that is not there");
	message = (struct castle_message){ .to = getpid() };
	ok(castle_send(&message) == getpid() && castle_receive(&message, 0) == 0, "to oneself");
}

/* A message to a process that is about to end would be lost. */
static void wait_until_gone(pid_t pid)
{
	while (kill(pid, 0) == 0)
		usleep(1000);
}

/* echo_process answers one message and ends: each message to its name creates it anew. */
static void test_dynamic(void)
{
	const struct castle_message message = { .name = "echo_process", .size = 3, .data = "abc" };
	struct castle_message answer;
	int first, second;

	first = castle_send(&message);
	ok(first > 0, "a message creates a dynamic process");
	castle_receive(&answer, 0);
	ok(answer.from == first && memcmp(answer.data, "ABC", 3) == 0, "which answers");
	wait_until_gone(first);
	second = castle_send(&message);
	castle_receive(&answer, 0);
	ok(second > 0 && second != first && answer.from == second,
	   "when it has ended, another one");
	wait_until_gone(second);
}

int main(void)
{
	long before;

	test_by_pid();
	test_errors();
	test_dynamic();
	before = free_pages();
	test_dynamic();
	ok_memory_is(before, "no memory is lost");
	return done_testing();
}
