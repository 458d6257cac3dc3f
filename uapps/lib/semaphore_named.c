/*
 * Semaphores with names: each is a file of shared memory that holds a sem_t.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "result.h"

#define PREFIX "sem."

/* Those that the process has open: each is mapped once. */
struct named {
	struct named *next;
	ino_t inode;
	unsigned opened;
	sem_t *semaphore;
};

static struct named *all;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int file_name(const char *name, char file[NAME_MAX + 1])
{
	name += *name == '/';
	if (!*name || strchr(name, '/'))
		return failure(*name ? EINVAL : ENOENT);
	if (strlen(name) + sizeof PREFIX > NAME_MAX)
		return failure(ENAMETOOLONG);
	sprintf(file, PREFIX "%s", name);
	return 0;
}

static sem_t *map_named(struct named *named, int fd)
{
	named->semaphore = mmap(NULL, sizeof(sem_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (named->semaphore == MAP_FAILED) {
		free(named);
		return SEM_FAILED;
	}
	named->next = all;
	all = named;
	return named->semaphore;
}

/* The place of the semaphore in this file, which is mapped if it is not yet. */
static sem_t *find(int fd)
{
	struct named *named;
	struct stat file;

	if (fstat(fd, &file) != 0)
		return SEM_FAILED;
	for (named = all; named; named = named->next)
		if (named->inode == file.st_ino) {
			named->opened++;
			return named->semaphore;
		}
	named = malloc(sizeof *named);
	if (!named)
		return SEM_FAILED;
	*named = (struct named){ .inode = file.st_ino, .opened = 1 };
	return map_named(named, fd);
}

/*
 * Makes the file under a name of the process's own first, so that nobody finds it half made. Its
 * descriptor, or -1 with errno: EEXIST if there is one of that name.
 */
static int create(const char *file, mode_t mode, unsigned value)
{
	sem_t first;
	char own[32], path[NAME_MAX + 16], own_path[48];
	int fd, error = 0;

	if (sem_init(&first, 1, value) != 0)
		return -1;
	sprintf(own, "new.%d", (int)getpid());
	fd = shm_open(own, O_RDWR | O_CREAT | O_TRUNC, mode);
	if (fd < 0)
		return -1;
	sprintf(path, "/dev/shm/%s", file);
	sprintf(own_path, "/dev/shm/%s", own);
	if (write(fd, &first, sizeof first) != sizeof first || link(own_path, path) != 0)
		error = errno;
	unlink(own_path);
	if (!error)
		return fd;
	close(fd);
	return failure(error);
}

/* What is there, or a new one, as the flags say; a file that goes meanwhile is tried again. */
static int open_or_create(const char *file, int flags, mode_t mode, unsigned value)
{
	for (;;) {
		int fd = -1;

		if (!(flags & O_CREAT) || !(flags & O_EXCL))
			fd = shm_open(file, O_RDWR, 0);
		if (fd >= 0 || !(flags & O_CREAT))
			return fd;
		fd = create(file, mode, value);
		if (fd >= 0 || errno != EEXIST || flags & O_EXCL)
			return fd;
	}
}

sem_t *sem_open(const char *name, int flags, ...)
{
	sem_t *semaphore = SEM_FAILED;
	char file[NAME_MAX + 1];
	unsigned value = 0;
	va_list arguments;
	mode_t mode = 0;
	int fd;

	if (flags & O_CREAT) {
		va_start(arguments, flags);
		mode = va_arg(arguments, int);
		value = va_arg(arguments, unsigned);
		va_end(arguments);
	}
	if (file_name(name, file) != 0)
		return SEM_FAILED;
	pthread_mutex_lock(&lock);
	fd = open_or_create(file, flags, mode, value);
	if (fd >= 0) {
		semaphore = find(fd);
		close(fd);
	}
	pthread_mutex_unlock(&lock);
	return semaphore;
}

/* It stays mapped, as all that is shared does, and is found again when it is opened again. */
int sem_close(sem_t *semaphore)
{
	int result = EINVAL;

	pthread_mutex_lock(&lock);
	for (struct named *named = all; named; named = named->next)
		if (named->semaphore == semaphore && named->opened) {
			named->opened--;
			result = 0;
		}
	pthread_mutex_unlock(&lock);
	return result ? failure(result) : 0;
}

int sem_unlink(const char *name)
{
	char file[NAME_MAX + 1];

	return file_name(name, file) ? -1 : shm_unlink(file);
}
