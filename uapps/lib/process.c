/*
 * Processes: identity, waiting, replacing the program.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
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
	return result_of(castle_call3(CASTLE_CALL_wait, pid, address(status), options));
}

pid_t wait(int *status)
{
	return waitpid(-1, status, 0);
}

int _wait_r(struct _reent *reent, int *status)
{
	return result_in(reent, castle_call3(CASTLE_CALL_wait, -1, address(status), 0));
}

int _execve_r(struct _reent *reent, const char *path, char *const argv[], char *const envp[])
{
	return result_in(
		reent, castle_call3(CASTLE_CALL_exec, address(path), address(argv), address(envp)));
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

	return -castle_call3(CASTLE_CALL_exec, address(path), address(exec->argv),
			     address(exec->envp));
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

/* There is one user, with identifier 0, and no groups of processes. */
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
