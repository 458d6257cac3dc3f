/*
 * messages: a message to a program in the second partition of the machine and back; half of that is
 * a message's way. The other program is started with `on`.
 */
#include "common/bench.h"

#include <castle/partition.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define OTHER    2
#define MESSAGES 200
#define LAST     1 /* the first word of the message after which there is none */

static int fd;
static int echoes;

static int set_echo(const char *value)
{
	(void)value;
	echoes = 1;
	return 1;
}

static void send_word(uint32_t to, uint32_t word)
{
	static struct castle_partition_message message;

	message.partition = to;
	message.words[0] = word;
	bench_check(ioctl(fd, CASTLE_PARTITION_SEND, &message) == 0, "send");
}

static uint32_t receive_word(uint32_t *from)
{
	struct castle_partition_message message;

	bench_check(ioctl(fd, CASTLE_PARTITION_RECEIVE, &message) == 0, "receive");
	*from = message.partition;
	return message.words[0];
}

static void there_and_back(uint32_t count)
{
	uint32_t from;

	for (; count > 0; count -= 2) {
		send_word(OTHER, 0);
		bench_check(receive_word(&from) == 0 && from == OTHER, "receive");
	}
}

static int echo(void)
{
	uint32_t from;

	while (receive_word(&from) != LAST)
		send_word(from, 0);
	return 0;
}

int main(int argc, char **argv)
{
	static char *const on[] = { "on", "2", "messages", "-e", NULL };
	static const struct bench_option options[] = {
		{ "-e", NULL, "be the other program", set_echo },
	};
	static const struct bench_program program = {
		.name = "messages",
		.description = "A message to another partition; half of the way there and back.",
		.rounds = BENCH_ROUNDS,
		.options = options,
		.option_count = sizeof options / sizeof *options,
	};
	pid_t other;
	int status;

	bench_start_options(argc, argv, &program);
	fd = open(CASTLE_PARTITION_DEVICE, O_RDWR);
	bench_check(fd >= 0, CASTLE_PARTITION_DEVICE);
	if (echoes)
		return echo();
	bench_table_head();
	bench_check(posix_spawnp(&other, "on", NULL, NULL, on, environ) == 0, "on");
	bench_measure("message", MESSAGES, there_and_back);
	send_word(OTHER, LAST);
	bench_check(waitpid(other, &status, 0) == other && status == 0, "waitpid");
	return 0;
}
