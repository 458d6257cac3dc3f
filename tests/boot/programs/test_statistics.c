/*
 * The kernel's statistics: what a test does a known number of times is counted as often, on all
 * CPUs together.
 */
#include "common/tap.h"

#include <castle/castle.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN    10
#define THREADS     5
#define PAGES       64
#define PAGE_SIZE   4096
#define PAGES_AHEAD 7
#define MESSAGES    3
#define KINDS       32 /* more than there are */

static struct castle_statistics cpus[CASTLE_CPUS_MAX], before, after;

/* The counters of all CPUs together. */
static void add_up(struct castle_statistics *sum)
{
	const int size = castle_info(CASTLE_INFO_STATISTICS, cpus, sizeof cpus);

	memset(sum, 0, sizeof *sum);
	for (int cpu = 0; cpu < size / (int)sizeof *cpus; cpu++) {
#define STATISTIC(subsystem, name, what) sum->name += cpus[cpu].name;
#include <castle/statistics.h>
	}
}

#define ok_counted(counter, number, name) ok_is(after.counter - before.counter, number, name)

static void test_sizes(void)
{
	struct castle_statistics one;
	const int size = castle_info(CASTLE_INFO_CPUS, NULL, 0);
	const int count = size / (int)sizeof(struct castle_cpu_info);

	ok_is(castle_info(CASTLE_INFO_STATISTICS, cpus, sizeof cpus), count * (int)sizeof one,
	      "one structure for each CPU");
	ok_is(castle_info(CASTLE_INFO_STATISTICS, &one, sizeof one), count * (int)sizeof one,
	      "which is said of a short buffer, too");
	ok_errno(castle_info(CASTLE_INFO_STATISTICS, (void *)4, sizeof one), EFAULT,
		 "a bad buffer");
}

/* Of every kind, the kernel's pages and none are no buffers; some kinds have nothing to say. */
static void test_bad_buffers(void)
{
	static void *const wild[] = { (void *)4, (void *)0x100000, (void *)0xfffff000 };

	for (int kind = 0; kind < KINDS; kind++)
		for (unsigned i = 0; i < sizeof wild / sizeof *wild; i++)
			if (castle_info(kind, NULL, 0) > 0)
				ok_errno(castle_info(kind, wild[i], 1 << 16), EFAULT,
					 "a bad buffer for a kind of information");
}

static void end(void)
{
	_exit(0);
}

static void test_processes(void)
{
	add_up(&before);
	for (int i = 0; i < CHILDREN; i++)
		in_child(end);
	add_up(&after);
	ok_counted(processes, CHILDREN, "processes");
	ok_counted(threads, CHILDREN, "with a thread each");
	ok(after.forked - before.forked >= CHILDREN, "whose stacks are copies");
	ok(after.forked + after.shared - before.forked - before.shared >= 2 * CHILDREN,
	   "and whose variables are shared or copies");
	ok(after.switches - before.switches >= CHILDREN, "and a switch to each");
}

static void test_wakes(void)
{
	add_up(&before);
	usleep(20000);
	add_up(&after);
	/* A call that the application kernel forwards wakes the bootstrap thread, too. */
	if (castle_kernel_page()->application_processors)
		ok(after.wakes - before.wakes >= 1, "a sleep ends with a wake-up");
	else
		ok_counted(wakes, 1, "a sleep ends with a wake-up");
	ok(after.interrupts - before.interrupts >= 2, "which takes interrupts");
	ok(after.idle_ticks - before.idle_ticks >= 1, "of which some find the CPU idle");
}

static void *thread_main(void *unused)
{
	return unused;
}

static void test_threads(void)
{
	pthread_t thread;

	add_up(&before);
	for (int i = 0; i < THREADS; i++) {
		pthread_create(&thread, NULL, thread_main, NULL);
		pthread_join(thread, NULL);
	}
	add_up(&after);
	ok_counted(threads, THREADS, "threads");
	ok_counted(processes, 0, "make no process");
}

/* The application kernel has pages taken ahead: a few more than are touched. */
static uint32_t pages_ahead(void)
{
	return strcmp(castle_kernel_page()->mode, "appkern") == 0 ? PAGES_AHEAD : 0;
}

static void test_fresh_pages(void)
{
	char *const start = sbrk(2 * PAGE_SIZE + PAGES * PAGE_SIZE);
	char *const page = start + PAGE_SIZE - (unsigned)start % PAGE_SIZE;

	page[0] = 1;
	add_up(&before);
	for (int i = 1; i <= PAGES; i++)
		page[i * PAGE_SIZE] = 1;
	add_up(&after);
	ok(after.fresh - before.fresh >= PAGES &&
		   after.fresh - before.fresh <= PAGES + pages_ahead(),
	   "fresh pages");
	ok_counted(copied, 0, "are no copies");
	ok_counted(freed, 0, "nothing is freed");
	ok(after.taken - before.taken >= PAGES, "each one is taken");
}

/* Where it is, the compiler must not know. */
static volatile char *volatile nothing = (volatile char *)4;

static void touch_nothing(void)
{
	*nothing = 1;
}

static void test_refused(void)
{
	int status;

	add_up(&before);
	status = in_child(touch_nothing);
	add_up(&after);
	ok(WIFSIGNALED(status), "a program that writes where nothing is");
	ok_counted(refused, 1, "is one fault refused");
}

static void test_bytes(void)
{
	static const char text[] = "# to the console\n";
	static char block[1000];
	int ends[2];

	pipe(ends);
	add_up(&before);
	write(ends[1], block, sizeof block);
	write(ends[1], block, 234);
	write(STDOUT_FILENO, text, sizeof text - 1);
	add_up(&after);
	ok_counted(pipe_bytes, 1234, "bytes written to a pipe");
	ok_counted(written, (long)sizeof text - 1, "bytes written to the console");
	ok_counted(read, 0, "none read");
	close(ends[0]);
	close(ends[1]);
}

static void test_messages(void)
{
	struct castle_message message = { .to = getpid() };

	add_up(&before);
	for (int i = 0; i < MESSAGES; i++)
		castle_send(&message);
	add_up(&after);
	ok_counted(messages, MESSAGES, "messages");
	ok_counted(futex_waits, 0, "nobody waits for a futex");
}

int main(void)
{
	test_sizes();
	test_bad_buffers();
	test_processes();
	test_wakes();
	test_threads();
	test_fresh_pages();
	test_refused();
	test_bytes();
	test_messages();
	return done_testing();
}
