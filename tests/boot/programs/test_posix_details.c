/*
 * Details of POSIX that programs of others rely on: what is refused and how, and the times of a
 * process.
 */
#include "common/guard.h"
#include "common/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SPIN_MS 300

static void test_fsync(void)
{
	int ends[2];
	int fd = open("/tmp/synced", O_CREAT | O_RDWR, 0644);

	pipe(ends);
	ok_errno(fsync(ends[0]), EINVAL, "fsync of a pipe's reading end");
	ok_errno(fsync(ends[1]), EINVAL, "and of its writing end");
	ok_is(fsync(fd), 0, "fsync of a file");
	ok_errno(fsync(99), EBADF, "fsync of nothing");
	close(ends[0]);
	close(ends[1]);
	close(fd);
}

static void test_signal_sets(void)
{
	static const int bad[] = { -1, 0, NSIG, 1000 };
	sigset_t set;

	sigemptyset(&set);
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		errno = 0;
		ok_errno(sigaddset(&set, bad[i]), EINVAL, "sigaddset of no signal");
		errno = 0;
		ok_errno(sigdelset(&set, bad[i]), EINVAL, "sigdelset of no signal");
		errno = 0;
		ok_errno(sigismember(&set, bad[i]), EINVAL, "sigismember of no signal");
	}
	ok(sigaddset(&set, SIGUSR1) == 0 && sigismember(&set, SIGUSR1) == 1 &&
		   sigismember(&set, SIGUSR2) == 0 && sigdelset(&set, SIGUSR1) == 0 &&
		   sigismember(&set, SIGUSR1) == 0,
	   "and of signals");
}

static int64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void spin(void)
{
	const int64_t end = milliseconds() + SPIN_MS;

	while (milliseconds() < end)
		for (volatile int i = 0; i < 1000; i++)
			;
}

static clock_t ticks_of(int64_t time)
{
	return time * sysconf(_SC_CLK_TCK) / 1000;
}

/* A new process has used no time, however long its parent has been there. */
static void times_of_child(void)
{
	struct tms mine;

	times(&mine);
	_exit((mine.tms_utime + mine.tms_stime <= ticks_of(SPIN_MS / 3) ? 0 : 1) +
	      (mine.tms_cutime == 0 && mine.tms_cstime == 0 ? 0 : 2));
}

static void sleep_and_look(void)
{
	struct tms before, after;

	times(&before);
	usleep(SPIN_MS * 1000);
	times(&after);
	_exit(after.tms_utime - before.tms_utime <= ticks_of(SPIN_MS / 3) ? 0 : 1);
}

static void spin_and_end(void)
{
	spin();
}

static void test_times(void)
{
	const int64_t start = milliseconds();
	const clock_t clock_start = clock();
	struct tms before, after;
	clock_t clock_passed;

	times(&before);
	spin();
	times(&after);
	clock_passed = clock() - clock_start;
	ok(after.tms_utime > before.tms_utime, "a process that computes uses time");
	ok_is((long)CLOCKS_PER_SEC, 1000000, "CLOCKS_PER_SEC is the XSI's");
	/* The ticks of a host that was late come in a burst: the unit is what can be told. */
	ok(clock_passed > 0 && (int64_t)clock_passed * 1000 / CLOCKS_PER_SEC <=
				       2 * (milliseconds() - start) + 200,
	   "clock() counts in it");
	ok_is(guard_exit(times_of_child), 0, "a child starts with none");
	ok_is(guard_exit(sleep_and_look), 0, "a process that sleeps uses none");
	times(&before);
	ok(guard_exit(spin_and_end) == 0 && times(&after) != (clock_t)-1 &&
		   after.tms_cutime > before.tms_cutime,
	   "what a child has used is its parent's after wait()");
}

static void *end_at_once(void *argument)
{
	return argument;
}

static void *end_later(void *argument)
{
	usleep(30000);
	return argument;
}

static void test_join_of_detached(void *(*function)(void *), const char *name)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_create(&thread, &attributes, function, NULL);
	usleep(10000);
	error = pthread_join(thread, NULL);
	ok(error == EINVAL || error == ESRCH, "join of a detached thread %s (%d)", name, error);
	usleep(30000);
	pthread_create(&thread, NULL, function, NULL);
	usleep(10000);
	pthread_detach(thread);
	error = pthread_join(thread, NULL);
	ok(error == EINVAL || error == ESRCH, "join of one that is detached later, %s (%d)", name,
	   error);
	usleep(30000);
}

/* open() that is refused for want of a descriptor has not touched the file. */
static void test_open_without_descriptors(void)
{
	const int first = open("/tmp/whole", O_CREAT | O_RDWR, 0644);
	struct stat status;
	int last = first, fd;

	write(first, "whole", 5);
	while ((fd = dup(first)) >= 0)
		last = fd;
	ok_errno(open("/tmp/whole", O_RDWR | O_TRUNC), EMFILE, "O_TRUNC without a descriptor");
	ok_errno(open("/tmp/none", O_RDWR | O_CREAT, 0644), EMFILE, "O_CREAT without one");
	close(last);
	ok(stat("/tmp/whole", &status) == 0 && status.st_size == 5, "the file is as it was");
	ok_errno(stat("/tmp/none", &status), ENOENT, "and the other is not there");
	for (fd = first; fd < last; fd++)
		close(fd);
	unlink("/tmp/whole");
}

int main(void)
{
	test_open_without_descriptors();
	test_fsync();
	test_signal_sets();
	test_times();
	test_join_of_detached(end_later, "that runs");
	test_join_of_detached(end_at_once, "that has ended");
	return done_testing();
}
