/*
 * init: the first process. With a run= string on the kernel's command line it has the shell run
 * that and powers off with the resulting status; otherwise it keeps a shell on the console. Every
 * orphan becomes its child and is waited for.
 *
 * /bin/sh is dash where that is in the image, and else the small shell that runs run= strings in
 * either case: it starts programs without copying itself, so that what is measured is the programs.
 */
#include <castle/castle.h>
#include <castle/info.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN_MAX     1024
#define SIGNAL_BASE 128 /* status of a program that a signal ended, as in a shell */
#define NOT_STARTED 126

#define MANY_TOOLS  "/bin/busybox" /* one program of many names, */
#define TOOL_NAMES  "/share/links" /* a line each */
#define NAMES_MAX   1024
#define SMALL_SHELL "/bin/minish"
#define SHELL       "/bin/sh"

static char *const environment[] = { "PATH=/bin",    "HOME=/",    "TMPDIR=/tmp",
				     "PS1=castle$ ", "TERM=dumb", NULL };

/* A program of our own that has one of the names keeps it. */
static void link_tools(void)
{
	static char names[NAMES_MAX], path[NAMES_MAX] = "/bin/";
	const int fd = open(TOOL_NAMES, O_RDONLY);

	if (fd < 0)
		return;
	read(fd, names, sizeof names - 1);
	close(fd);
	for (char *name = strtok(names, "\n"); name; name = strtok(NULL, "\n")) {
		strcpy(path + strlen("/bin/"), name);
		link(MANY_TOOLS, path);
	}
}

static pid_t start(const char *path, char *const arguments[])
{
	pid_t pid;
	const int error = posix_spawn(&pid, path, NULL, NULL, arguments, environment);

	if (error) {
		printf("init: %s: %s\n", path, strerror(error));
		return -1;
	}
	return pid;
}

/* Waits until `pid` has ended, and for whoever else ends meanwhile. */
static int wait_for(pid_t pid)
{
	int status;
	pid_t ended;

	do
		ended = waitpid(-1, &status, 0);
	while (ended != pid && (ended > 0 || errno == EINTR));
	return WIFSIGNALED(status) ? SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}

static int run(char *commands)
{
	/* -k: the status of the last command that failed, rather than that of the last one. */
	char *arguments[] = { "sh", "-k", "-c", commands, NULL };
	const pid_t pid = start(SMALL_SHELL, arguments);

	return pid > 0 ? wait_for(pid) : NOT_STARTED;
}

/* Whatever the last shell left: keys are lines, and everybody is in the foreground. */
static void reset_console(void)
{
	ioctl(0, CASTLE_CONSOLE_SET_MODE, (void *)CASTLE_CONSOLE_LINE);
	ioctl(0, CASTLE_CONSOLE_SET_GROUP, NULL);
}

static void __attribute__((noreturn)) keep_shell(void)
{
	char *arguments[] = { "sh", "-E", NULL };

	puts("Type `help` for help; Tab completes, the arrows recall; `poweroff` ends the "
	     "machine.");
	for (;;) {
		fflush(stdout);
		const pid_t pid = start(SHELL, arguments);
		if (pid < 0)
			castle_poweroff(NOT_STARTED);
		wait_for(pid);
		reset_console();
		puts("The shell has ended; here is another one. `poweroff` ends the machine.");
	}
}

int main(void)
{
	static char commands[RUN_MAX];

	open("/dev/console", O_RDWR);
	dup(0);
	dup(0);
	if (link("/bin/dash", SHELL) != 0)
		link(SMALL_SHELL, SHELL);
	link_tools();
	castle_info(CASTLE_INFO_RUN, commands, sizeof commands);
	if (commands[0])
		castle_poweroff(run(commands) & 0x7f);
	keep_shell();
}
