/*
 * The C library between newlib and the calls: start-up and exit, files through stdio, directories,
 * processes, signals, time.
 */
#include "common/tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

static int constructed;

__attribute__((constructor)) static void construct(void)
{
	constructed++;
}

static void at_exit(void)
{
	printf("at exit");
}

static void leave_by_exit(void)
{
	freopen("/tmp/exit", "w", stdout);
	atexit(at_exit);
	exit(5);
}

/* Up to `size` bytes of a file as a string. */
static char *read_file(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "r");
	size_t length = 0;

	if (file) {
		length = fread(text, 1, size - 1, file);
		fclose(file);
	}
	text[length] = '\0';
	return text;
}

static void test_start_and_exit(int argc, char **argv)
{
	char text[100];

	ok_is(constructed, 1, "constructors run before main()");
	ok(argc == 1 && !strcmp(argv[0], "test_library") && !argv[1], "main() gets its arguments");
	ok(!strcmp(getprogname(), "test_library"), "the program knows its name");
	ok_is(in_child(leave_by_exit), 5 << 8, "exit() ends the process with its status");
	ok(!strcmp(read_file("/tmp/exit", text, sizeof text), "at exit"),
	   "after the registered functions, whose output it writes");
	unlink("/tmp/exit");
}

static void test_environment(void)
{
	setenv("CASTLE_TEST", "yes", 1);
	ok(!strcmp(getenv("CASTLE_TEST"), "yes"), "setenv() and getenv()");
	unsetenv("CASTLE_TEST");
	ok(!getenv("CASTLE_TEST"), "unsetenv()");
}

static void test_stdio(void)
{
	FILE *file = fopen("/tmp/stdio", "w+");
	char line[100];
	int number = 0;
	double fraction = 0;

	ok(file != NULL, "fopen() makes a file");
	fprintf(file, "%d %.3f %s %lld\n", 12, sqrt(2), "word", 1LL << 40);
	rewind(file);
	ok(fgets(line, sizeof line, file) && !strcmp(line, "12 1.414 word 1099511627776\n"),
	   "fprintf() and fgets()");
	rewind(file);
	ok(fscanf(file, "%d %lf", &number, &fraction) == 2 && number == 12 && fraction == 1.414,
	   "fscanf()");
	ok_is(fseek(file, 0, SEEK_END), 0, "fseek()");
	ok_is(ftell(file), 28, "ftell()");
	fclose(file);
	ok(!fopen("/tmp/none/at/all", "r") && errno == ENOENT, "a file that does not exist");
	ok_is(remove("/tmp/stdio"), 0, "remove()");
	file = tmpfile();
	ok(file && fputs("x", file) >= 0 && fclose(file) == 0, "tmpfile()");
}

static void test_files(void)
{
	struct utimbuf times = { 1000000, 2000000 };
	struct stat file;
	int fd = creat("/tmp/file", 0666);

	ok_is(write(fd, "12345", 5), 5, "creat() and write()");
	ok_is(ftruncate(fd, 3), 0, "ftruncate()");
	close(fd);
	ok_is(utime("/tmp/file", &times), 0, "utime()");
	ok_is(stat("/tmp/file", &file), 0, "stat()");
	ok(file.st_size == 3 && file.st_mtime == 2000000 && file.st_mode == (S_IFREG | 0644),
	   "size, time and mode, which the mask took from");
	ok_is(access("/tmp/file", R_OK | W_OK), 0, "access()");
	ok_errno(access("/tmp/file", X_OK), EACCES, "executing what is no program");
	fd = open("/tmp/file", O_RDONLY);
	ok_is(dup2(fd, 77), 77, "dup2()");
	ok_is(fcntl(77, F_GETFD), 0, "a copy stays open across exec");
	ok_is(fcntl(77, F_SETFD, FD_CLOEXEC), 0, "unless told");
	close(77);
	close(fd);
	ok_errno(close(fd), EBADF, "closing twice");
	ok(!isatty(open("/dev/null", O_RDONLY)) && errno == ENOTTY, "/dev/null is no terminal");
	unlink("/tmp/file");
}

static void test_directories(void)
{
	char path[100];
	struct dirent *entry;
	DIR *directory;
	int found = 0;

	ok_is(mkdir("/tmp/directory", 0777), 0, "mkdir()");
	ok_is(chdir("/tmp/directory"), 0, "chdir()");
	ok(getcwd(path, sizeof path) && !strcmp(path, "/tmp/directory"), "getcwd()");
	ok(!getcwd(path, 5) && errno == ERANGE, "getcwd() without room");
	for (char name[] = "a"; name[0] < 'f'; name[0]++)
		close(creat(name, 0666));
	directory = opendir(".");
	while ((entry = readdir(directory)))
		found += entry->d_type == DT_REG && strlen(entry->d_name) == 1;
	ok_is(found, 5, "readdir() finds every file");
	rewinddir(directory);
	ok(readdir(directory), "rewinddir() starts over");
	closedir(directory);
	for (char name[] = "a"; name[0] < 'f'; name[0]++)
		unlink(name);
	chdir("/");
	ok_is(rmdir("/tmp/directory"), 0, "rmdir()");
	ok(!opendir("/tmp/directory") && errno == ENOENT, "opendir() of nothing");
}

static void test_spawn(void)
{
	char *arguments[] = { "echo", "one", "two", NULL };
	posix_spawn_file_actions_t actions;
	char text[100];
	pid_t pid;
	int status = -1;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/tmp/spawn", O_WRONLY | O_CREAT, 0644);
	ok_is(posix_spawnp(&pid, "echo", &actions, NULL, arguments, environ), 0, "posix_spawnp()");
	ok_is(waitpid(pid, &status, 0), pid, "waitpid()");
	ok_is(status, 0, "the program succeeds");
	ok(!strcmp(read_file("/tmp/spawn", text, sizeof text), "one two\n"),
	   "with its output redirected");
	posix_spawn_file_actions_destroy(&actions);
	unlink("/tmp/spawn");
	ok_is(posix_spawn(&pid, "/bin/none", NULL, NULL, arguments, environ), ENOENT,
	      "a program that does not exist");
	ok_is(posix_spawn_file_actions_init(&actions), 0, "actions");
	ok_is(posix_spawn_file_actions_addclose(&actions, -1), EBADF, "on a bad descriptor");
	posix_spawn_file_actions_destroy(&actions);
}

static void replace_program(void)
{
	execlp("sh", "sh", "-c", "exit 9", NULL);
}

static void test_commands(void)
{
	char text[100] = "";
	FILE *stream;

	ok_is(in_child(replace_program), 9 << 8, "execlp()");
	ok_is(system("true"), 0, "system()");
	ok_is(WEXITSTATUS(system("exit 7")), 7, "the status of a command");
	stream = popen("echo through a pipe", "r");
	ok(stream && fgets(text, sizeof text, stream) && !strcmp(text, "through a pipe\n"),
	   "popen()");
	ok_is(pclose(stream), 0, "pclose()");
}

static sigjmp_buf escape;
static volatile int handled;

static void count_signal(int signal)
{
	handled += signal;
}

static void jump_out(int signal)
{
	siglongjmp(escape, signal);
}

/* In the first page, which is never mapped. */
static const volatile uintptr_t nowhere = 16;

static int touch_nothing(void)
{
	int caught = sigsetjmp(escape, 1);

	if (!caught)
		*(volatile int *)nowhere = 0;
	return caught;
}

static void test_signals(void)
{
	double fraction = 1.5;
	sigset_t usr1, old;

	signal(SIGUSR1, count_signal);
	raise(SIGUSR1);
	ok_is(handled, SIGUSR1, "raise() runs the handler before it returns");
	ok(fraction * 2 == 3.0, "and floating-point numbers are what they were");
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, &old);
	raise(SIGUSR1);
	ok_is(handled, SIGUSR1, "a blocked signal waits");
	ok_errno(sigsuspend(&old), EINTR, "sigsuspend() ends by a signal");
	ok_is(handled, 2 * SIGUSR1, "which has been handled then");
	sigprocmask(SIG_SETMASK, &old, NULL);
	signal(SIGSEGV, jump_out);
	ok_is(touch_nothing(), SIGSEGV, "a handler can jump out of a fault");
	ok_is(touch_nothing(), SIGSEGV, "more than once");
	signal(SIGSEGV, SIG_DFL);
	ok_errno(raise(99), EINVAL, "there is no signal 99");
	ok(signal(SIGKILL, count_signal) == SIG_ERR && errno == EINVAL, "SIGKILL cannot be caught");
}

static void test_time(void)
{
	struct timespec before, after, bad = { 0, 1000000000 };
	struct tm date;
	time_t then = 951782400; /* 29 February 2000 */

	clock_gettime(CLOCK_MONOTONIC, &before);
	ok_is(usleep(30000), 0, "usleep()");
	clock_gettime(CLOCK_MONOTONIC, &after);
	const double passed =
		after.tv_sec - before.tv_sec + (after.tv_nsec - before.tv_nsec) * 1e-9;
	ok(passed >= 0.03 && passed < 5, "the clock sees that time (%.3f s)", passed);
	ok_errno(nanosleep(&bad, NULL), EINVAL, "nanosleep() wants a time");
	ok(time(NULL) > 1577836800, "the date is past the year 2019");
	gmtime_r(&then, &date);
	ok(date.tm_mon == 1 && date.tm_mday == 29, "gmtime_r()");
	ok_errno(clock_gettime(99, &after), EINVAL, "there is no clock 99");
}

static void test_memory(void)
{
	char *blocks[100];
	char *large = malloc(6 << 20);
	int good = 0;

	ok(large != NULL, "malloc() beyond the container's first 4 MB");
	memset(large, 1, 6 << 20);
	free(large);
	for (int index = 0; index < 100; index++) {
		blocks[index] = malloc(index * 37 + 1);
		memset(blocks[index], index, index * 37 + 1);
	}
	for (int index = 0; index < 100; index++) {
		good += blocks[index][index * 37] == index;
		free(blocks[index]);
	}
	ok_is(good, 100, "blocks do not overlap");
	ok(!malloc(0x7fffffff) && errno == ENOMEM, "more than there is");
	ok_is(sysconf(_SC_PAGESIZE), 4096, "sysconf()");
}

int main(int argc, char **argv)
{
	test_start_and_exit(argc, argv);
	test_environment();
	test_stdio();
	test_files();
	test_directories();
	test_spawn();
	test_commands();
	test_signals();
	test_time();
	test_memory();
	return done_testing();
}
