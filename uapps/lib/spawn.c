/*
 * posix_spawn(): starts a program in a new process without copying the caller, in one call to the
 * kernel. The descriptors' actions have the kernel's own format from the start.
 */
#include <sched.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "exec_script.h"
#include "exec_search.h"
#include "result.h"

#define ACTIONS_STEP 8

struct __posix_spawn_file_actions {
	uint32_t count;
	uint32_t room;
	struct castle_spawn_action *actions;
};

struct __posix_spawnattr {
	short flags;
	struct sched_param parameters;
};

int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions)
{
	*actions = calloc(1, sizeof(**actions));
	return *actions ? 0 : ENOMEM;
}

int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions)
{
	struct __posix_spawn_file_actions *list = *actions;

	for (uint32_t index = 0; index < list->count; index++)
		free((void *)(uintptr_t)list->actions[index].path);
	free(list->actions);
	free(list);
	return 0;
}

static int add(struct __posix_spawn_file_actions *list, struct castle_spawn_action action)
{
	struct castle_spawn_action *larger;

	if (list->count == list->room) {
		larger = realloc(list->actions, (list->room + ACTIONS_STEP) * sizeof(*larger));
		if (!larger)
			return ENOMEM;
		list->actions = larger;
		list->room += ACTIONS_STEP;
	}
	list->actions[list->count++] = action;
	return 0;
}

static int bad_descriptor(int fd)
{
	return fd < 0 || fd >= CASTLE_OPEN_MAX;
}

int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *restrict actions, int fd,
				     const char *restrict path, int flags, mode_t mode)
{
	char *copy;
	int error;

	if (bad_descriptor(fd))
		return EBADF;
	copy = strdup(path);
	if (!copy)
		return ENOMEM;
	error = add(*actions, (struct castle_spawn_action){ .action = CASTLE_SPAWN_OPEN,
							    .new_fd = fd,
							    .path = address(copy),
							    .flags = flags,
							    .mode = mode });
	if (error)
		free(copy);
	return error;
}

int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int fd, int new_fd)
{
	if (bad_descriptor(fd) || bad_descriptor(new_fd))
		return EBADF;
	return add(*actions, (struct castle_spawn_action){
				     .action = CASTLE_SPAWN_DUP2, .fd = fd, .new_fd = new_fd });
}

int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *actions, int fd)
{
	if (bad_descriptor(fd))
		return EBADF;
	return add(*actions,
		   (struct castle_spawn_action){ .action = CASTLE_SPAWN_CLOSE, .fd = fd });
}

int posix_spawnattr_init(posix_spawnattr_t *attributes)
{
	*attributes = calloc(1, sizeof(**attributes));
	return *attributes ? 0 : ENOMEM;
}

int posix_spawnattr_destroy(posix_spawnattr_t *attributes)
{
	free(*attributes);
	return 0;
}

/* Of the flags, POSIX_SPAWN_SETSCHEDPARAM is supported. */
int posix_spawnattr_setflags(posix_spawnattr_t *attributes, short flags)
{
	if (flags & ~POSIX_SPAWN_SETSCHEDPARAM)
		return EINVAL;
	(*attributes)->flags = flags;
	return 0;
}

int posix_spawnattr_getflags(const posix_spawnattr_t *restrict attributes, short *restrict flags)
{
	*flags = (*attributes)->flags;
	return 0;
}

/* The priority is Castle's: 0 (highest) to 31. */
int posix_spawnattr_setschedparam(posix_spawnattr_t *restrict attributes,
				  const struct sched_param *restrict parameters)
{
	if (parameters->sched_priority < 0 || parameters->sched_priority >= CASTLE_PRIORITY_COUNT)
		return EINVAL;
	(*attributes)->parameters = *parameters;
	return 0;
}

int posix_spawnattr_getschedparam(const posix_spawnattr_t *restrict attributes,
				  struct sched_param *restrict parameters)
{
	*parameters = (*attributes)->parameters;
	return 0;
}

struct spawn_arguments {
	pid_t *pid;
	struct castle_spawn spawn;
	char *const *argv;
	char *const *envp;
};

static struct castle_spawn describe(const posix_spawn_file_actions_t *actions,
				    const posix_spawnattr_t *attributes)
{
	struct castle_spawn spawn = { .priority = -1 };

	if (actions) {
		spawn.action_count = (*actions)->count;
		spawn.actions = address((*actions)->actions);
	}
	if (attributes && ((*attributes)->flags & POSIX_SPAWN_SETSCHEDPARAM))
		spawn.priority = (*attributes)->parameters.sched_priority;
	return spawn;
}

static int try_spawn(const char *path, void *argument)
{
	struct spawn_arguments *arguments = argument;
	int result = castle_call4(CASTLE_CALL_spawn, address(path), address(arguments->argv),
				  address(arguments->envp), address(&arguments->spawn));
	char **script = result == -ENOEXEC ? exec_script_arguments(path, arguments->argv) : NULL;

	if (script) {
		result = castle_call4(CASTLE_CALL_spawn, address(script[0]), address(script),
				      address(arguments->envp), address(&arguments->spawn));
		free(script);
	}
	if (result < 0)
		return -result;
	if (arguments->pid)
		*arguments->pid = result;
	return 0;
}

int posix_spawn(pid_t *restrict pid, const char *restrict path,
		const posix_spawn_file_actions_t *actions,
		const posix_spawnattr_t *restrict attributes, char *const argv[],
		char *const envp[])
{
	struct spawn_arguments arguments = { pid, describe(actions, attributes), argv, envp };

	return try_spawn(path, &arguments);
}

int posix_spawnp(pid_t *restrict pid, const char *restrict file,
		 const posix_spawn_file_actions_t *actions,
		 const posix_spawnattr_t *restrict attributes, char *const argv[],
		 char *const envp[])
{
	struct spawn_arguments arguments = { pid, describe(actions, attributes), argv, envp };

	return exec_search(file, try_spawn, &arguments);
}
