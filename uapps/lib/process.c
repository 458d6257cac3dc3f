/*
 * Processes: identity, waiting, replacing the program.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "exec_script.h"
#include "exec_search.h"
#include "result.h"

int _getpid_r(struct _reent *reent)
{
	(void)reent;
	return castle_call0(CASTLE_CALL_getpid);
}

pid_t getpid(void)
{
	return castle_call0(CASTLE_CALL_getpid);
}

pid_t getppid(void)
{
	return castle_call0(CASTLE_CALL_getppid);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	return restartable(_REENT, CASTLE_CALL_wait, pid, address(status), options);
}

pid_t wait(int *status)
{
	return waitpid(-1, status, 0);
}

int _wait_r(struct _reent *reent, int *status)
{
	return restartable(reent, CASTLE_CALL_wait, -1, address(status), 0);
}

/* Returns only if it fails: a negative error number. */
static int32_t exec_program(const char *path, char *const argv[], char *const envp[])
{
	int32_t result =
		castle_call3(CASTLE_CALL_exec, address(path), address(argv), address(envp));
	char **script = result == -ENOEXEC ? exec_script_arguments(path, argv) : NULL;

	if (script) {
		result = castle_call3(CASTLE_CALL_exec, address(script[0]), address(script),
				      address(envp));
		free(script);
	}
	return result;
}

int _execve_r(struct _reent *reent, const char *path, char *const argv[], char *const envp[])
{
	return result_in(reent, exec_program(path, argv, envp));
}

int execve(const char *path, char *const argv[], char *const envp[])
{
	return _execve_r(_REENT, path, argv, envp);
}

int execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

struct exec_arguments {
	char *const *argv;
	char *const *envp;
};

static int try_exec(const char *path, void *arguments)
{
	const struct exec_arguments *exec = arguments;

	return -exec_program(path, exec->argv, exec->envp);
}

int execvpe(const char *file, char *const argv[], char *const envp[])
{
	struct exec_arguments arguments = { argv, envp };

	return failure(exec_search(file, try_exec, &arguments));
}

int execvp(const char *file, char *const argv[])
{
	return execvpe(file, argv, environ);
}

int setpgid(pid_t pid, pid_t group)
{
	return result_of(castle_call2(CASTLE_CALL_setpgid, pid, group));
}

pid_t getpgid(pid_t pid)
{
	return result_of(castle_call1(CASTLE_CALL_getpgid, pid));
}

pid_t getpgrp(void)
{
	return castle_call1(CASTLE_CALL_getpgid, 0);
}

/* There are no sessions: a group of one's own is all that is new. */
pid_t setsid(void)
{
	return setpgid(0, 0) ? -1 : getpid();
}

int killpg(pid_t group, int signal)
{
	return group < 0 ? failure(EINVAL) : kill(-group, signal);
}

/* There is one user, with identifier 0. */
uid_t getuid(void)
{
	return 0;
}

uid_t geteuid(void)
{
	return 0;
}

gid_t getgid(void)
{
	return 0;
}

gid_t getegid(void)
{
	return 0;
}
