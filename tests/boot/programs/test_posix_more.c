/*
 * Parts of POSIX's library that programs from elsewhere ask for: cancellation, waiting for signals,
 * clocks of processor time, words as the shell expands them, and small things of several headers.
 */
#include "common/tap.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <search.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>
#include <wordexp.h>

static int ends[2];
static sem_t semaphore, reached;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int cleaned;

static void clean(void *argument)
{
	cleaned += *(int *)argument;
}

static void clean_mutex(void *argument)
{
	cleaned += pthread_mutex_trylock(argument) == EBUSY ? 1 : 100;
	pthread_mutex_unlock(argument);
}

static void *reads(void *argument)
{
	int one = 1;
	char byte;

	pthread_cleanup_push(clean, &one);
	sem_post(&reached);
	(void)!read(ends[0], &byte, 1);
	pthread_cleanup_pop(0);
	return argument;
}

static void *sleeps(void *argument)
{
	sem_post(&reached);
	sleep(1000);
	return argument;
}

static void *takes(void *argument)
{
	sem_post(&reached);
	sem_wait(&semaphore);
	return argument;
}

static void *waits(void *argument)
{
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(clean_mutex, &mutex);
	sem_post(&reached);
	for (;;)
		pthread_cond_wait(&condition, &mutex);
	pthread_cleanup_pop(0);
	return argument;
}

static void *joins(void *thread)
{
	sem_post(&reached);
	pthread_join(*(pthread_t *)thread, NULL);
	return NULL;
}

static void *suspends(void *argument)
{
	sem_post(&reached);
	pause();
	return argument;
}

static void *computes(void *argument)
{
	sem_post(&reached);
	for (;;)
		pthread_testcancel();
	return argument;
}

static void *computes_without_end(void *argument)
{
	volatile unsigned count = 0;

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	sem_post(&reached);
	for (;;)
		count++;
	return argument;
}

static volatile int go_on;

/* Reads what comes although it is cancelled meanwhile, and ends at the first point after that. */
static void *refuses(void *argument)
{
	char byte = 0;
	int before;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	sem_post(&reached);
	(void)!read(ends[0], &byte, 1);
	cleaned += byte == 'x';
	pthread_setcancelstate(before, NULL);
	pthread_testcancel();
	cleaned += 100;
	return argument;
}

/* Starts the thread, cancels it where it waits, or is about to, and joins it. */
static void cancel_one(void *(*start)(void *), void *argument, const char *what)
{
	pthread_t thread;
	void *result = NULL;

	pthread_create(&thread, NULL, start, argument);
	sem_wait(&reached);
	if (go_on)
		usleep(20000);
	ok_is(pthread_cancel(thread), 0, "cancelling a thread");
	if (start == refuses) {
		usleep(20000);
		(void)!write(ends[1], "x", 1);
	}
	ok_is(pthread_join(thread, &result), 0, "joining it");
	ok(result == PTHREAD_CANCELED, what);
}

static void test_cancellation(void)
{
	pthread_t self = pthread_self();

	(void)!pipe(ends);
	sem_init(&semaphore, 0, 0);
	sem_init(&reached, 0, 0);
	for (go_on = 0; go_on < 2; go_on++) {
		cleaned = 0;
		cancel_one(reads, NULL, "in read()");
		ok_is(cleaned, 1, "its cleanup handler ran");
		cancel_one(sleeps, NULL, "in sleep()");
		cancel_one(takes, NULL, "in sem_wait()");
		cleaned = 0;
		cancel_one(waits, NULL, "in pthread_cond_wait()");
		ok_is(cleaned, 1, "its cleanup handler ran with the mutex held");
		ok_is(pthread_mutex_trylock(&mutex), 0, "which is free now");
		pthread_mutex_unlock(&mutex);
		cancel_one(joins, &self, "in pthread_join()");
		cancel_one(suspends, NULL, "in pause()");
		cancel_one(computes, NULL, "in pthread_testcancel()");
		cancel_one(computes_without_end, NULL, "anywhere, if it wants that");
		cleaned = 0;
		cancel_one(refuses, NULL, "not while it does not want that");
		ok_is(cleaned, 1, "it read to the end before");
	}
	ok_is(pthread_setcancelstate(7, NULL), EINVAL, "no such state");
	ok_is(pthread_setcanceltype(7, NULL), EINVAL, "no such type");
}

static volatile sig_atomic_t handled;
static pthread_t handled_by;

static void handle(int number)
{
	handled = number;
	handled_by = pthread_self();
}

static void *suspends_once(void *argument)
{
	sem_post(&reached);
	while (!handled)
		usleep(1000);
	return argument;
}

static void test_signals(void)
{
	const struct timespec short_time = { 0, 30000000 }, bad_time = { 0, -1 };
	siginfo_t information;
	pthread_t thread;
	sigset_t set, old;
	int number = 0;

	signal(SIGUSR1, handle);
	pthread_create(&thread, NULL, suspends_once, NULL);
	sem_wait(&reached);
	ok_is(pthread_kill(thread, 0), 0, "pthread_kill() of no signal");
	ok_is(pthread_kill(thread, 99), EINVAL, "of none that exists");
	ok_is(pthread_kill(thread, SIGUSR1), 0, "of one");
	pthread_join(thread, NULL);
	ok(handled == SIGUSR1 && handled_by == thread, "that thread handles it");

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, &old);
	handled = 0;
	kill(getpid(), SIGUSR1);
	ok(sigwait(&set, &number) == 0 && number == SIGUSR1, "sigwait() of one that is pending");
	ok_is(handled, 0, "its handler does not run");
	kill(getpid(), SIGUSR2);
	ok(sigtimedwait(&set, &information, &short_time) == SIGUSR2 &&
		   information.si_signo == SIGUSR2,
	   "sigtimedwait()");
	ok_errno(sigtimedwait(&set, NULL, &short_time), EAGAIN, "until the time is over");
	ok_errno(sigtimedwait(&set, NULL, &bad_time), EINVAL, "for no time");
	if (fork() == 0) {
		usleep(50000);
		kill(getppid(), SIGUSR2);
		_exit(0);
	}
	ok(sigwaitinfo(&set, &information) == SIGUSR2, "sigwaitinfo() of one that comes");
	wait(NULL);
	sigprocmask(SIG_SETMASK, &old, NULL);
	kill(getpid(), SIGUSR1);
	ok_is(handled, SIGUSR1, "the handler is as before");
}

static void test_clocks(void)
{
	struct timespec before, after, resolution, end;
	clockid_t clock;

	ok(clock_getcpuclockid(0, &clock) == 0 && clock == CLOCK_PROCESS_CPUTIME_ID,
	   "the process's clock");
	ok_is(clock_gettime(clock, &before), 0, "can be read");
	do
		clock_gettime(clock, &after);
	while (after.tv_sec == before.tv_sec && after.tv_nsec == before.tv_nsec);
	ok(after.tv_sec > before.tv_sec || after.tv_nsec > before.tv_nsec,
	   "goes on while it computes");
	ok(clock_getres(clock, &resolution) == 0 && resolution.tv_nsec == 10000000, "in ticks");
	ok(clock_getres(CLOCK_MONOTONIC, &resolution) == 0 && resolution.tv_nsec == 1,
	   "others finer");
	ok_errno(clock_getres(99, &resolution), EINVAL, "no such clock");
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec++;
	ok_is(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL), 0,
	      "sleeping until then");
	clock_gettime(CLOCK_MONOTONIC, &after);
	ok(after.tv_sec > end.tv_sec ||
		   (after.tv_sec == end.tv_sec && after.tv_nsec >= end.tv_nsec),
	   "not less");
	ok_is(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &before, NULL), 0,
	      "a time that is over");
	ok_is(clock_nanosleep(99, 0, &before, NULL), EINVAL, "on no clock");
}

/* The words joined by bars; or the error's number. */
static const char *expanded(const char *words, int flags)
{
	static char text[256];
	wordexp_t expansion;
	int error = wordexp(words, &expansion, flags);

	if (error) {
		sprintf(text, "error %d", error);
		return text;
	}
	*text = 0;
	for (size_t i = 0; i < expansion.we_wordc; i++)
		sprintf(text + strlen(text), "%s|", expansion.we_wordv[i]);
	wordfree(&expansion);
	return text;
}

static void expands(const char *words, int flags, const char *expected)
{
	const char *text = expanded(words, flags);

	ok(!strcmp(text, expected), words);
	if (strcmp(text, expected))
		printf("# %s instead of %s\n", text, expected);
}

static void test_words(void)
{
	wordexp_t expansion;

	setenv("NAME", "two words", 1);
	unsetenv("UNSET");
	expands("plain 'single quoted' \"double $NAME\"", 0,
		"plain|single quoted|double two words|");
	expands("$NAME ${UNSET:-default} \\$NAME $((6 * 7))", 0, "two|words|default|$NAME|42|");
	expands("/share/hello.* nothing*", 0, "/share/hello.txt|nothing*|");
	expands("$(echo from a command)", 0, "from|a|command|");
	expands("", 0, "");
	expands("a; b", 0, "error 2");
	expands("a | b", 0, "error 2");
	expands("$(echo)", WRDE_NOCMD, "error 4");
	expands("\"`echo`\"", WRDE_NOCMD, "error 4");
	expands("'$(echo)'", WRDE_NOCMD, "$(echo)|");
	expands("'open", 0, "error 5");
	expands("${UNSET}x $UNSET", WRDE_UNDEF, "error 3");
	expansion.we_offs = 2;
	ok(wordexp("one", &expansion, WRDE_DOOFFS) == 0 && !expansion.we_wordv[0] &&
		   !expansion.we_wordv[1] && !strcmp(expansion.we_wordv[2], "one"),
	   "room before the words");
	ok(wordexp("two", &expansion, WRDE_DOOFFS | WRDE_APPEND) == 0 && expansion.we_wordc == 2 &&
		   !strcmp(expansion.we_wordv[3], "two") && !expansion.we_wordv[4],
	   "more words behind them");
	wordfree(&expansion);
}

static int compare(const void *one, const void *other)
{
	return *(const int *)one - *(const int *)other;
}

struct element {
	struct element *next, *previous;
	int value;
};

static void test_search(void)
{
	struct element a = { .value = 1 }, b = { .value = 2 }, c = { .value = 3 };
	int table[4] = { 5, 3 }, five = 5, seven = 7;
	size_t count = 2;

	ok(lfind(&five, table, &count, sizeof *table, compare) == table, "lfind()");
	ok(!lfind(&seven, table, &count, sizeof *table, compare), "of what is not there");
	ok(lsearch(&seven, table, &count, sizeof *table, compare) == table + 2 && count == 3 &&
		   table[2] == 7,
	   "lsearch() adds it");
	insque(&a, NULL);
	insque(&c, &a);
	insque(&b, &a);
	ok(a.next == &b && b.next == &c && !c.next && c.previous == &b && b.previous == &a,
	   "insque()");
	remque(&b);
	ok(a.next == &c && c.previous == &a, "remque()");
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void test_files(void)
{
	struct iovec out[] = { { "one ", 4 }, { "", 0 }, { "two", 3 } };
	char first[3], second[9] = "";
	struct iovec in[] = { { first, 3 }, { second, 8 } };
	struct dirent **names = NULL;
	struct statvfs room;
	char path[PATH_MAX];
	int fd;

	mkdir("/tmp/more", 0755);
	ok(chdir("/tmp/more") == 0 && getwd(path) == path && !strcmp(path, "/tmp/more"), "getwd()");
	fd = open("b", O_CREAT | O_RDWR, 0644);
	close(open("a", O_CREAT | O_RDWR, 0644));
	close(open(".c", O_CREAT | O_RDWR, 0644));
	ok_is(writev(fd, out, 3), 7, "writev()");
	lseek(fd, 0, SEEK_SET);
	ok_is(readv(fd, in, 2), 7, "readv()");
	ok(!memcmp(first, "one", 3) && !strcmp(second, " two"), "gets it");
	ok_errno(writev(fd, out, -1), EINVAL, "of less than nothing");
	ok_errno(writev(99, out, 3), EBADF, "to no file");
	ok_is(scandir(".", &names, visible, alphasort), 2, "scandir()");
	ok(names && !strcmp(names[0]->d_name, "a") && !strcmp(names[1]->d_name, "b"), "in order");
	free(names[0]);
	free(names[1]);
	free(names);
	ok_errno(scandir("nothing", &names, NULL, NULL), ENOENT, "of nothing");
	ok(statvfs(".", &room) == 0 && room.f_bsize == 4096 && room.f_bfree > 0 &&
		   room.f_bfree < room.f_blocks && fstatvfs(fd, &room) == 0,
	   "statvfs()");
	ok_errno(statvfs("nothing", &room), ENOENT, "of nothing");
	ok(pathconf("/", _PC_PATH_MAX) == PATH_MAX && fpathconf(fd, _PC_NAME_MAX) == NAME_MAX,
	   "pathconf()");
	ok_errno(pathconf("nothing", _PC_PATH_MAX), ENOENT, "of nothing");
	ok_errno(pathconf("/", 12345), EINVAL, "of no limit");
	close(fd);
	unlink("a");
	unlink("b");
	unlink(".c");
	chdir("/");
	rmdir("/tmp/more");
}

static void test_dates(void)
{
	struct tm date = { .tm_year = 120, .tm_mon = 1, .tm_mday = 30 };
	time_t days[] = { 0, 951782400, -1, 4102444799, -2208988800LL };
	int same = 0;

	ok(timegm(&date) == 1583020800 && date.tm_mon == 2 && date.tm_mday == 1, "timegm()");
	for (unsigned i = 0; i < sizeof days / sizeof *days; i++) {
		date = *gmtime(&days[i]);
		same += timegm(&date) == days[i];
	}
	ok_is(same, 5, "is gmtime() turned round");
	date = (struct tm){ .tm_year = 70, .tm_mon = -1, .tm_mday = 32 };
	ok_is(timegm(&date), 0, "and takes months that there are not");
}

/* What the child says on standard error. */
static void says(void (*function)(void), const char *expected, int status)
{
	char text[128] = "";
	int said = 0, length = 0;
	ssize_t got;
	pid_t child;

	(void)!pipe(ends);
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		function();
		_exit(0);
	}
	close(ends[1]);
	while ((got = read(ends[0], text + length, sizeof text - 1 - length)) > 0)
		length += got; /* what it says may come in pieces */
	close(ends[0]);
	waitpid(child, &said, 0);
	ok(!strcmp(text, expected) && WEXITSTATUS(said) == status, expected);
}

static void say_err(void)
{
	errno = ENOENT;
	err(3, "file %d", 1);
}

static void say_warnx(void)
{
	warnx("plain");
}

static void say_log(void)
{
	openlog("logger", LOG_PERROR, LOG_USER);
	setlogmask(LOG_UPTO(LOG_WARNING));
	syslog(LOG_INFO, "not this");
	syslog(LOG_ERR, "this %s", "line");
}

static void test_messages(void)
{
	says(say_err, "test_posix_more: file 1: No such file or directory\n", 3);
	says(say_warnx, "test_posix_more: plain\n", 0);
	says(say_log, "logger: this line\n", 0);
	ok(htonl(0x01020304) == 0x04030201 && ntohs(0x0102) == 0x0201, "the order of bytes");
}

static pthread_mutex_t robust;

static void *end_holding(void *argument)
{
	pthread_mutex_lock(&robust);
	usleep(20000); /* the other thread waits by now, or comes later: the same to it */
	return argument;
}

static void lose_robust(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, end_holding, NULL);
	usleep(5000);
	ok_is(pthread_mutex_lock(&robust), EOWNERDEAD, "its owner has ended: the next is told");
	pthread_join(thread, NULL);
}

static void test_robust(void)
{
	pthread_mutexattr_t attributes;
	int robustness, protocol;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
	ok_is(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST), 0, "a robust mutex");
	ok_is(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT), 0,
	      "whose owner inherits priorities");
	ok_is(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_PROTECT), ENOTSUP,
	      "none with a ceiling");
	pthread_mutexattr_getrobust(&attributes, &robustness);
	pthread_mutexattr_getprotocol(&attributes, &protocol);
	ok(robustness == PTHREAD_MUTEX_ROBUST && protocol == PTHREAD_PRIO_INHERIT,
	   "as its attributes tell");
	pthread_mutex_init(&robust, &attributes);
	ok_is(pthread_mutex_consistent(&robust), EINVAL, "nothing is inconsistent yet");
	lose_robust();
	ok_is(pthread_mutex_lock(&robust), EDEADLK, "and has it");
	ok_is(pthread_mutex_consistent(&robust), 0, "it is made good");
	ok_is(pthread_mutex_unlock(&robust), 0, "and given back");
	ok_is(pthread_mutex_lock(&robust), 0, "and taken as any");
	pthread_mutex_unlock(&robust);
	lose_robust();
	pthread_mutex_unlock(&robust);
	ok_is(pthread_mutex_lock(&robust), ENOTRECOVERABLE, "not made good, nobody has it again");
	ok_is(pthread_mutex_trylock(&robust), ENOTRECOVERABLE, "nor tries with success");
	ok_is(pthread_mutex_unlock(&robust), EPERM, "and nobody has it to give back");
}

static char walked[256];

static int note(const char *path, const struct stat *status, int what, struct FTW *where)
{
	char line[64];

	snprintf(line, sizeof line, "%d%s%s ", where->level, path + where->base,
		 what == FTW_D              ? "/"
		 : what == FTW_DP           ? "\\"
		 : S_ISREG(status->st_mode) ? ""
					    : "?");
	strcat(walked, line);
	return !strcmp(path + where->base, "stop") ? 7 : 0;
}

static int note_here(const char *path, const struct stat *status, int what, struct FTW *where)
{
	struct stat here;

	ok(stat(path + where->base, &here) == 0 && here.st_ino == status->st_ino,
	   "FTW_CHDIR: it is called where the file is");
	return note(path, status, what, where);
}

static int count(const char *path, const struct stat *status, int what)
{
	(void)path, (void)status, (void)what;
	walked[0]++;
	return 0;
}

static void test_walk(void)
{
	mkdir("/tmp/walk", 0755);
	mkdir("/tmp/walk/in", 0755);
	close(open("/tmp/walk/in/file", O_CREAT | O_WRONLY, 0644));
	walked[0] = '\0';
	ok_is(nftw("/tmp/walk", note, 5, FTW_PHYS), 0, "a walk through a tree");
	ok(!strcmp(walked, "0walk/ 1in/ 2file "), "directories first");
	walked[0] = '\0';
	ok_is(nftw("/tmp/walk", note_here, 5, FTW_DEPTH | FTW_CHDIR), 0, "another one");
	ok(!strcmp(walked, "2file 1in\\ 0walk\\ "), "directories last");
	walked[0] = 0;
	ok_is(ftw("/tmp/walk", count, 1), 0, "and a plain one");
	ok_is(walked[0], 3, "of three files");
	close(open("/tmp/walk/in/stop", O_CREAT | O_WRONLY, 0644));
	ok_is(nftw("/tmp/walk", note, 5, 0), 7, "it ends when the function says so");
	ok_errno(nftw("/tmp/nowhere", note, 5, 0), ENOENT, "nothing there");
}

int main(void)
{
	test_cancellation();
	test_signals();
	test_clocks();
	test_words();
	test_search();
	test_files();
	test_dates();
	test_messages();
	test_robust();
	test_walk();
	return done_testing();
}
