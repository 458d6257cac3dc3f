/*
 * What an unmodified program expects of a terminal and around it: settings, groups of processes,
 * readiness, alarms, patterns of names and text, paths, scripts.
 */
#include "common/handlers.h"
#include "common/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <grp.h>
#include <libgen.h>
#include <poll.h>
#include <pwd.h>
#include <regex.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define FOLDER "/tmp/terminal"

static volatile sig_atomic_t caught;

static void on_signal(int signal)
{
	caught = signal;
}

static void test_settings(void)
{
	const int fd = open("/dev/tty", O_RDWR);
	struct termios before, raw, now;

	ok(isatty(fd), "/dev/tty is a terminal");
	ok_is(tcgetattr(fd, &before), 0, "it has settings");
	ok_is(before.c_lflag & (ICANON | ECHO | ISIG), ICANON | ECHO | ISIG,
	      "lines, echo and signals at first");
	raw = before;
	cfmakeraw(&raw);
	ok_is(tcsetattr(fd, TCSADRAIN, &raw), 0, "which can be changed");
	tcgetattr(fd, &now);
	ok_is(now.c_lflag & (ICANON | ECHO | ISIG), 0, "to none of these");
	ok_is(now.c_iflag & ICRNL, 0, "and carriage returns are read as such");
	ok_is(tcsetattr(fd, TCSANOW, &before), 0, "and back");
	ok_errno(tcgetattr(open("/dev/null", O_RDONLY), &now), ENOTTY, "/dev/null has none");
	close(fd);
}

static pid_t fork_sleeper(void)
{
	const pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		for (;;)
			pause();
	}
	setpgid(pid, pid);
	return pid;
}

static void test_groups(void)
{
	const pid_t child = fork_sleeper(), other = fork_sleeper();
	int status;

	ok_is(getpgrp(), getpgid(0), "a group of one's own, or the parent's");
	ok_is(getpgid(child), child, "a child in a group of its own");
	ok_errno(setpgid(1, 0), ESRCH, "nobody changes a stranger's group");
	ok_errno(getpgid(1000000), ESRCH, "nobody is in no group");
	ok_errno(kill(-1000000, 0), ESRCH, "no such group to signal");
	ok_is(killpg(child, SIGTERM), 0, "a signal to a group");
	ok_is(waitpid(-child, &status, 0), child, "and a wait for one");
	ok_is(WTERMSIG(status), SIGTERM, "which has ended by it");
	ok_errno(waitpid(-child, &status, 0), ECHILD, "and is empty now");
	ok_is(waitpid(other, &status, WNOHANG | WUNTRACED), 0, "another group goes on");
	signal(SIGTTOU, SIG_IGN);
	ok_is(tcsetpgrp(0, other), 0, "a group in the foreground");
	ok_is(tcgetpgrp(0), other, "which can be asked for");
	tcsetpgrp(0, 0);
	signal(SIGTTOU, SIG_DFL);
	kill(other, SIGKILL);
	waitpid(other, &status, 0);
	ok_is(tcgetpgrp(0), getpgrp(), "none: that of whoever asks");
}

static void test_ready(void)
{
	struct timeval moment = { 0, 20000 };
	struct pollfd ends[3];
	int pipes[2];
	fd_set set;

	pipe(pipes);
	ends[0] = (struct pollfd){ .fd = pipes[0], .events = POLLIN };
	ends[1] = (struct pollfd){ .fd = pipes[1], .events = POLLOUT };
	ends[2] = (struct pollfd){ .fd = 99, .events = POLLIN };
	ok_is(poll(ends, 2, 0), 1, "an empty pipe: one end is ready");
	ok_is(ends[0].revents, 0, "not that to read");
	ok_is(ends[1].revents, POLLOUT, "that to write");
	ok_is(poll(ends, 1, 20), 0, "nothing comes for 20 ms");
	FD_ZERO(&set);
	FD_SET(pipes[0], &set);
	ok_is(select(pipes[0] + 1, &set, NULL, NULL, &moment), 0, "nor for select()");
	ok(!FD_ISSET(pipes[0], &set), "which takes it out of the set");
	write(pipes[1], "x", 1);
	FD_SET(pipes[0], &set);
	ok_is(select(pipes[0] + 1, &set, NULL, NULL, NULL), 1, "a byte is there");
	ok_is(poll(ends, 1, -1), 1, "and poll() does not wait for ever");
	close(pipes[1]);
	read(pipes[0], &(char){ 0 }, 1);
	poll(ends, 1, -1);
	ok_is(ends[0].revents, POLLHUP, "nobody writes any more");
	ok_is(poll(&ends[2], 1, 0), 1, "what is not open");
	ok_is(ends[2].revents, POLLNVAL, "is invalid");
	close(pipes[0]);
}

static void test_alarm(void)
{
	struct itimerval often = { .it_value = { 0, 20000 }, .it_interval = { 0, 20000 } }, left;

	set_handler(SIGALRM, on_signal);
	ok_is(setitimer(ITIMER_REAL, &often, NULL), 0, "a signal every 20 ms");
	for (int i = 0; i < 3; i++) {
		caught = 0;
		pause();
		ok_is(caught, SIGALRM, "comes");
	}
	ok_is(alarm(100), 1, "another alarm replaces it");
	getitimer(ITIMER_REAL, &left);
	ok(left.it_value.tv_sec >= 98 && left.it_interval.tv_usec == 0,
	   "which is far away, and comes once");
	ok(alarm(0) >= 98, "and is taken back");
	ok_is(alarm(0), 0, "none is left");
	ok_errno(setitimer(3, &often, NULL), EINVAL, "no timer of another kind");
	const pid_t pid = fork();
	if (pid == 0) {
		signal(SIGALRM, SIG_DFL);
		setitimer(ITIMER_REAL, &often, NULL);
		for (;;)
			;
	}
	int status;
	waitpid(pid, &status, 0);
	ok_is(WTERMSIG(status), SIGALRM, "it ends who is not prepared");
}

static void make_file(const char *path, const char *text, mode_t mode)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	write(fd, text, strlen(text));
	fchmod(fd, mode);
	close(fd);
}

static void test_patterns(void)
{
	regmatch_t match[2];
	regex_t regex;
	glob_t names;

	make_file(FOLDER "/one.c", "", 0644);
	make_file(FOLDER "/two.c", "", 0644);
	make_file(FOLDER "/two.h", "", 0644);
	ok_is(glob(FOLDER "/*.c", 0, NULL, &names), 0, "glob()");
	ok_is(names.gl_pathc, 2, "finds two");
	ok(strcmp(names.gl_pathv[1], FOLDER "/two.c") == 0, "in order");
	globfree(&names);
	ok_is(glob(FOLDER "/[x-z]*", 0, NULL, &names), GLOB_NOMATCH, "or none");
	ok_is(fnmatch("t[v-x]?.h", "two.h", 0), 0, "fnmatch()");
	ok_is(fnmatch("*", ".hidden", FNM_PERIOD), FNM_NOMATCH, "a leading dot is special");
	ok_is(regcomp(&regex, "^([a-z]+)-[0-9]{2}$", REG_EXTENDED), 0, "regcomp()");
	ok_is(regexec(&regex, "castle-21", 2, match, 0), 0, "matches");
	ok_is(match[1].rm_eo, 6, "and says where");
	ok_is(regexec(&regex, "castle-2", 2, match, 0), REG_NOMATCH, "or not");
	regfree(&regex);
}

static void test_paths(void)
{
	char path[] = "/usr//lib/", other[] = "name", *real;
	struct stat file;

	ok(strcmp(basename(path), "lib") == 0, "basename()");
	ok(strcmp(dirname(other), ".") == 0, "dirname()");
	chdir(FOLDER);
	real = realpath("../terminal/.//one.c", NULL);
	ok(strcmp(real, FOLDER "/one.c") == 0, "realpath()");
	free(real);
	ok(!realpath("none/..", NULL) && errno == ENOENT, "of what is not there");
	const int fd = open("one.c", O_RDONLY);
	ok_is(fchmod(fd, 0600), 0, "fchmod()");
	stat("one.c", &file);
	ok_is(file.st_mode & 07777, 0600, "changes permissions");
	close(fd);
	int pipes[2];
	pipe(pipes);
	ok_errno(fchmod(pipes[0], 0600), EINVAL, "a pipe has none");
	ok_errno(fchmod(99, 0600), EBADF, "nor has what is not open");
}

static int run(const char *path)
{
	char *const arguments[] = { (char *)path, "argument", NULL };
	pid_t pid;
	int status;

	errno = posix_spawn(&pid, path, NULL, NULL, arguments, environ);
	if (errno)
		return -errno;
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? -1 : WEXITSTATUS(status);
}

static void test_scripts(void)
{
	make_file(FOLDER "/script", "#! /bin/sh\ntest $# = 1 && exit 7\n", 0755);
	make_file(FOLDER "/no-script", "exit 7\n", 0755);
	make_file(FOLDER "/not-executable", "#!/bin/sh\nexit 7\n", 0644);
	make_file(FOLDER "/odd", "\177ELF\1\1\1 and nothing of it is true", 0755);
	ok_is(run(FOLDER "/script"), 7, "a script runs");
	ok_is(run(FOLDER "/no-script"), -ENOEXEC, "one without #! does not");
	ok_is(run(FOLDER "/not-executable"), -EACCES, "one that is not executable does not");
	ok_is(run(FOLDER "/odd"), -ENOEXEC, "what only begins like a program does not");
}

static void test_names(void)
{
	struct utsname names;
	struct rlimit limit;

	ok(strcmp(getpwuid(0)->pw_name, "root") == 0, "the user's name");
	ok(strcmp(getgrnam("root")->gr_name, "root") == 0, "and group's");
	ok(!getpwnam("nobody"), "nobody else");
	ok_is(uname(&names), 0, "uname()");
	ok(strcmp(names.sysname, "Castle") == 0, "says so");
	getrlimit(RLIMIT_NOFILE, &limit);
	ok_is(limit.rlim_cur, 256, "descriptors");
	limit.rlim_cur = 1000;
	ok_errno(setrlimit(RLIMIT_NOFILE, &limit), EINVAL, "not above what it may be");
}

int main(void)
{
	mkdir(FOLDER, 0755);
	test_settings();
	test_groups();
	test_ready();
	test_alarm();
	test_patterns();
	test_paths();
	test_scripts();
	test_names();
	return done_testing();
}
