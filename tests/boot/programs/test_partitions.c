/*
 * Partitions: what one sees of the others, messages, commands, and a partition that dies; with
 * `net`, the network between them. Runs in the first; with other arguments, it is what the tests
 * want of another one:
 *
 *	test_partitions echo N	answers messages of partition N until one says that it is the last
 *	test_partitions die STARTS ADDRESS [CPU]
 *				panics when the partition has been started so often, by a write to
 *				that address if it is not 0, on that processor if it is told one
 *	test_partitions listen	sends one stream back
 */
#include <arpa/inet.h>
#include <castle/castle.h>
#include <castle/net.h>
#include <castle/partition.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "common/tap.h"

#define ROUNDS 2000
#define LAST   0xffffffff
#define RING   8 /* messages that wait, at most */

#define ANY_CPU (-1)

#define CARD      "/dev/eth0"
#define PORT      7000
#define BULK      300000
#define CHUNK     4096
#define TRIES_MAX 300 /* of a tenth of a second, until another partition listens */

static int fd;

static struct castle_partition_info info_of(uint32_t number)
{
	struct castle_partition_info info = { .partition = number };

	if (ioctl(fd, CASTLE_PARTITION_INFO, &info) != 0)
		info.state = CASTLE_PARTITION_ABSENT;
	return info;
}

static void pause_ms(long ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static int send_words(uint32_t to, uint32_t first, uint32_t last)
{
	struct castle_partition_message message = { .partition = to };

	message.words[0] = first;
	message.words[14] = last;
	return ioctl(fd, CASTLE_PARTITION_SEND, &message);
}

static int echo(uint32_t from)
{
	struct castle_partition_message message;

	for (;;) {
		if (ioctl(fd, CASTLE_PARTITION_RECEIVE, &message) != 0)
			return 1;
		if (message.partition != from || message.words[14] != ~message.words[0])
			return 2;
		if (message.words[0] == LAST)
			return 0;
		if (ioctl(fd, CASTLE_PARTITION_SEND, &message) != 0)
			return 3;
	}
}

/* Children go to idle processors. One that has come to another than the wanted one keeps it busy.
 */
static void move_to(int cpu)
{
	while (castle_getcpu() != cpu) {
		const pid_t child = fork();

		if (child == 0)
			continue;
		for (;;)
			;
	}
}

static int die(uint32_t starts, uint32_t address, int cpu)
{
	if (info_of(0).starts != starts)
		return 0;
	if (cpu != ANY_CPU)
		move_to(cpu);
	ioctl(fd, CASTLE_PARTITION_PANIC, (void *)address);
	return 0;
}

static void test_info(void)
{
	const struct castle_partition_info here = info_of(0), other = info_of(2),
					   third = info_of(3);

	ok_is(here.partition, 1, "the first partition");
	ok(here.here && !other.here, "knows which one it is");
	ok_is(other.state, CASTLE_PARTITION_RUNNING, "the second runs");
	ok(here.end <= other.start && other.end <= third.start, "each has memory of its own");
	ok(here.apic != other.apic, "and a processor");
	ok(here.cpus >= 1, "or several");
	ok_is(castle_kernel_page()->cpus, here.cpus, "its programs see no others");
	ok_errno(ioctl(fd, CASTLE_PARTITION_INFO, NULL), EFAULT, "a bad address is an error");
}

static int answers(void)
{
	struct castle_partition_message message;
	int good = 0;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		if (send_words(2, i, ~i) != 0 || ioctl(fd, CASTLE_PARTITION_RECEIVE, &message) != 0)
			break;
		good += message.partition == 2 && message.words[0] == i && message.words[14] == ~i;
	}
	return good;
}

static int run(const char *command)
{
	return system(command) >> 8;
}

/* The same while messages go to and from partition 2; how many of these came back. */
static int run_beside_messages(const char *command, int *status)
{
	const pid_t child = fork();
	int good;

	if (child == 0)
		_exit(run(command));
	good = answers();
	waitpid(child, status, 0);
	*status >>= 8;
	return good;
}

static void test_messages(void)
{
	struct castle_partition_message message = { .partition = 99 };
	int sent = 0;

	ok_is(answers(), ROUNDS, "messages come back whole, each from where it went");
	ok_is(send_words(2, LAST, ~LAST), 0, "the last one goes");
	ok_errno(ioctl(fd, CASTLE_PARTITION_SEND, &message), EINVAL, "no such partition");
	ok_errno(ioctl(fd, CASTLE_PARTITION_SEND, NULL), EFAULT, "a message at a bad address");
	ok_errno(ioctl(fd, CASTLE_PARTITION_TRY, &message), EAGAIN, "nothing to receive");
	while (send_words(1, sent, 0) == 0)
		sent++;
	ok(errno == ENOSPC, "a partition that does not receive is not sent more and more");
	ok_is(sent, RING, "but as many as there is room for");
	ok_errno(ioctl(fd, CASTLE_PARTITION_RECEIVE, NULL), EFAULT, "receiving at a bad address");
	for (int i = 0; i < RING; i++)
		if (ioctl(fd, CASTLE_PARTITION_TRY, &message) != 0 ||
		    message.words[0] != (uint32_t)i)
			sent = 0;
	ok_is(sent, RING, "all of them come, in their order");
}

static void test_commands(void)
{
	struct castle_partition_command command = { .partition = 1, .text = "true" };

	ok_is(run("on 3 true"), 0, "a program in another partition");
	ok_is(run("on 3 false"), 1, "its status");
	ok_is(run("on 99 true 2>/dev/null"), 126, "no such partition");
	ok_errno(ioctl(fd, CASTLE_PARTITION_ASK, &command), ENOSYS,
		 "a partition that serves nobody");
	command.partition = 3;
	ok_errno(ioctl(fd, CASTLE_PARTITION_ASK, NULL), EFAULT, "a command at a bad address");
	ok_errno(ioctl(fd, CASTLE_PARTITION_SERVED, &command), EINVAL, "nothing was asked here");
	ok_errno(ioctl(fd, 77, &command), EINVAL, "no such request");
}

/* It may still be booting. */
static void await_service(void)
{
	for (int i = 0; i < 1000 && run("on 3 true 2>/dev/null") != 0; i++)
		pause_ms(10);
}

/*
 * Partition 3 dies over a command, in this way; its neighbours answer as before, and it is back.
 */
static void test_death(uint32_t address, int cpu, const char *how)
{
	const uint32_t before = info_of(2).starts, starts = info_of(3).starts;
	struct castle_partition_info info;
	char command[80];
	int status;

	snprintf(command, sizeof command, "on 3 test_partitions die %u 0x%x %d 2>/dev/null",
		 (unsigned)starts, (unsigned)address, cpu);
	ok_is(run_beside_messages(command, &status), ROUNDS, "a neighbour answers all the while");
	ok(status == 126, "%s: whoever asked is told that it has died", how);
	for (int i = 0; i < 1000 && (info_of(3).starts == starts || !info_of(3).down_us); i++)
		pause_ms(10);
	info = info_of(3);
	ok_is(info.starts, starts + 1, "it was started anew");
	ok(info.down_us > 0, "and has got to its first program");
	ok_is(info_of(2).starts, before, "its neighbour was not");
	await_service();
	ok_is(run(command), 0, "it serves again, in its next life");
}

/* A panic each time, but with the fault in the log: the suite looks for it. */
static void test_deaths(void)
{
	await_service();
	test_death(info_of(2).start, ANY_CPU, "a write to another partition");
	test_death(info_of(1).end - 4, ANY_CPU, "a write to the first one");
	test_death(0x100000, ANY_CPU, "a write to the monitor's code");
	test_death(info_of(3).start, ANY_CPU, "a write to its own kernel's code");
	for (int cpu = 0; cpu < (int)info_of(3).cpus; cpu++)
		test_death(0, cpu, cpu ? "a panic on a further processor" : "a panic");
}

static int listen_and_return(void)
{
	const struct sockaddr_in all = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	const int door = socket(AF_INET, SOCK_STREAM, 0);
	static char bytes[CHUNK];
	ssize_t size;
	int stream;

	if (door < 0 || bind(door, (const struct sockaddr *)&all, sizeof all) != 0 ||
	    listen(door, 1) != 0)
		return 1;
	stream = accept(door, NULL, NULL);
	if (stream < 0)
		return 2;
	while ((size = recv(stream, bytes, sizeof bytes, 0)) > 0)
		if (send(stream, bytes, size, 0) != size)
			return 3;
	if (size != 0 || close(stream) != 0)
		return 4;
	/* What is on its way goes with the partition: the other one comes again once it has all. */
	return accept(door, NULL, NULL) < 0;
}

/* To partition 2, which may not listen yet. */
static int stream_connect(void)
{
	struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	inet_aton("10.2.0.2", &there.sin_addr);
	for (int tries = 0; tries < TRIES_MAX; tries++) {
		const int stream = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(stream, (const struct sockaddr *)&there, sizeof there) == 0)
			return stream;
		close(stream);
		pause_ms(100);
	}
	return -1;
}

static unsigned char byte_at(unsigned position)
{
	return position * 7 + position / 251;
}

/* A child sends while this process receives. */
static void test_stream(void)
{
	static unsigned char bytes[BULK + 1];
	const int stream = stream_connect();
	ssize_t size, all = 0;
	int good = 1;

	ok(stream >= 0, "a connection to another partition");
	if (fork() == 0) {
		for (unsigned i = 0; i < BULK; i++)
			bytes[i] = byte_at(i);
		_exit(send(stream, bytes, BULK, 0) != BULK || shutdown(stream, SHUT_WR) != 0);
	}
	while (all <= BULK && (size = recv(stream, bytes + all, sizeof bytes - all, 0)) > 0)
		all += size;
	for (unsigned i = 0; i < BULK; i++)
		good &= bytes[i] == byte_at(i);
	ok_is(all, BULK, "as much comes back as was sent");
	ok(good, "and it is that");
	wait(NULL);
	close(stream);
	close(stream_connect());
}

static void test_card(void)
{
	struct castle_ethernet_info info;
	const int card = open(CARD, O_RDWR);

	ok(card >= 0 && ioctl(card, CASTLE_ETHERNET_INFO, &info) == 0, "there is a card");
	ok_is(info.address[5], 1, "with an address of this partition's");
	ok(strcmp(info.setting, "10.2.0.1/24") == 0, "and a setting");
	close(card);
}

/* The network's process in partition 3 begins with the first program there that asks it. */
static void await_network(void)
{
	for (int i = 0; i < TRIES_MAX && run("on 3 ifconfig >/dev/null 2>&1") != 0; i++)
		pause_ms(100);
}

static int test_net(void)
{
	char command[80];

	test_card();
	test_stream();
	await_network();
	ok_is(run("ping 10.2.0.3 2 >/dev/null"), 0, "a third partition answers");
	ok_is(run("ping 10.2.0.77 1 >/dev/null 2>&1"), 1,
	      "nobody answers for one that is not there");
	snprintf(command, sizeof command, "on 3 test_partitions die %u 0 2>/dev/null",
		 (unsigned)info_of(3).starts);
	ok_is(run(command), 126, "the third one panics");
	await_network();
	ok_is(run("ping 10.2.0.3 2 >/dev/null"), 0, "it answers in its next life");
	return done_testing();
}

int main(int argc, char **argv)
{
	fd = open(CASTLE_PARTITION_DEVICE, O_RDWR);
	if (argc > 2 && strcmp(argv[1], "echo") == 0)
		return echo(atoi(argv[2]));
	if (argc > 1 && strcmp(argv[1], "listen") == 0)
		return listen_and_return();
	if (argc > 1 && strcmp(argv[1], "net") == 0)
		return test_net();
	if (argc > 3)
		return die(atoi(argv[2]), strtoul(argv[3], NULL, 0),
			   argc > 4 ? atoi(argv[4]) : ANY_CPU);
	ok(fd >= 0, "the device is there");
	test_info();
	test_deaths();
	test_messages();
	test_commands();
	return done_testing();
}
