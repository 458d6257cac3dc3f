/*
 * The first process. With a run= string on the kernel's command line it has the shell run that and
 * powers off with the resulting status; otherwise it keeps a shell on the console. It also keeps
 * the static processes of the thesis (Section 3.2.1): programs named in /etc/static are started at
 * boot and restarted when they fail. Every orphan becomes its child and is waited for.
 */
#include <castle/castle.h>
#include <castle/info.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN_MAX     1024
#define STATIC_MAX  32
#define STATIC_LIST "/etc/static"
#define SIGNAL_BASE 128 /* status of a program that a signal ended, as in a shell */
#define NOT_STARTED 126

struct static_process {
	char name[32];
	pid_t pid;
};

static struct static_process static_processes[STATIC_MAX];
static unsigned static_count;

static char *const environment[] = { "PATH=/bin", "HOME=/", "TMPDIR=/tmp", NULL };

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

static void static_start(struct static_process *process)
{
	char path[sizeof "/bin/" + sizeof process->name] = "/bin/";
	char *arguments[] = { process->name, NULL };

	strcat(path, process->name);
	process->pid = start(path, arguments);
}

/* Starts what the list names; names are separated by blanks or newlines. */
static void static_start_all(void)
{
	char list[1024];
	const int fd = open(STATIC_LIST, O_RDONLY);
	const int length = fd < 0 ? 0 : read(fd, list, sizeof list - 1);

	if (fd >= 0)
		close(fd);
	if (length <= 0)
		return;
	list[length] = '\0';
	for (char *name = strtok(list, " \n"); name && static_count < STATIC_MAX;
	     name = strtok(NULL, " \n")) {
		struct static_process *process = &static_processes[static_count++];
		strlcpy(process->name, name, sizeof process->name);
		static_start(process);
	}
}

/* A static process that failed is started again; one that ended well is left alone. */
static void static_ended(pid_t pid, int status)
{
	for (unsigned i = 0; i < static_count; i++)
		if (static_processes[i].pid == pid && status != 0)
			static_start(&static_processes[i]);
}

/* Waits until `pid` has ended, and for whoever else ends meanwhile. */
static int wait_for(pid_t pid)
{
	int status;
	pid_t ended;

	do {
		ended = waitpid(-1, &status, 0);
		if (ended > 0 && ended != pid)
			static_ended(ended, status);
	} while (ended != pid && (ended > 0 || errno == EINTR));
	return WIFSIGNALED(status) ? SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}

static int run(char *commands)
{
	/* -k: the status of the last command that failed, rather than that of the last one. */
	char *arguments[] = { "sh", "-k", "-c", commands, NULL };
	const pid_t pid = start("/bin/sh", arguments);

	return pid > 0 ? wait_for(pid) : NOT_STARTED;
}

int main(void)
{
	static char commands[RUN_MAX];
	char *shell[] = { "sh", NULL };

	open("/dev/console", O_RDWR);
	dup(0);
	dup(0);
	static_start_all();
	castle_info(CASTLE_INFO_RUN, commands, sizeof commands);
	if (commands[0])
		castle_poweroff(run(commands) & 0x7f);
	for (;;) {
		const pid_t pid = start("/bin/sh", shell);
		if (pid < 0)
			castle_poweroff(NOT_STARTED);
		wait_for(pid);
	}
}
