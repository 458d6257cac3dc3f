/*
 * The operations. Each is checked: a benchmark of calls that fail measures nothing.
 */
#include "../common/bench.h"
#include "scaling.h"

#include <castle/castle.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_SIZE    48
#define PAGE         4096u
#define BYTES        64
#define FRESH_PAGES  200 /* that a task touches, once */
#define SHARED_BYTES "/all"

/* What a task has ready; in a process of its own, or beside those of other threads. */
struct task {
	char file[PATH_SIZE], other[PATH_SIZE], new[PATH_SIZE], in_common[PATH_SIZE];
	char directory[PATH_SIZE];
	int fd;
	int pipe[2];
	char *memory;
	uint32_t word;
	pthread_mutex_t mutex;
};

static struct task tasks[SCALING_TASKS_MAX];
static int shared_fd, shared_pipe[2];
static char buffer[SCALING_TASKS_MAX][BYTES];

static void name_files(struct task *task, uint32_t number)
{
	const unsigned n = number;

	snprintf(task->directory, PATH_SIZE, SCALING_PATH "/%u", n);
	snprintf(task->file, PATH_SIZE, SCALING_PATH "/%u/file", n);
	snprintf(task->other, PATH_SIZE, SCALING_PATH "/%u/other", n);
	snprintf(task->new, PATH_SIZE, SCALING_PATH "/%u/new", n);
	snprintf(task->in_common, PATH_SIZE, SCALING_PATH SHARED_BYTES "/%u", n);
}

static int make_file(const char *path)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	bench_check(fd >= 0 && write(fd, buffer[0], BYTES) == BYTES, path);
	return fd;
}

void operations_prepare(uint32_t count)
{
	bench_check(mkdir(SCALING_PATH, 0700) == 0 && mkdir(SCALING_PATH SHARED_BYTES, 0700) == 0,
		    SCALING_PATH);
	for (uint32_t i = 0; i < count; i++) {
		name_files(&tasks[i], i);
		bench_check(mkdir(tasks[i].directory, 0700) == 0, tasks[i].directory);
		close(make_file(tasks[i].file));
	}
	shared_fd = make_file(SCALING_PATH "/shared");
	bench_check(pipe(shared_pipe) == 0, "pipe");
}

void operations_clean_up(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		bench_check(unlink(tasks[i].file) == 0 && rmdir(tasks[i].directory) == 0, "rmdir");
	close(shared_fd);
	bench_check(unlink(SCALING_PATH "/shared") == 0 && rmdir(SCALING_PATH SHARED_BYTES) == 0 &&
			    rmdir(SCALING_PATH) == 0,
		    "rmdir");
	close(shared_pipe[0]);
	close(shared_pipe[1]);
}

static void run_getpid(uint32_t task, uint32_t count)
{
	(void)task;
	for (; count > 0; count--)
		getpid();
}

static void run_yield(uint32_t task, uint32_t count)
{
	(void)task;
	for (; count > 0; count--)
		sched_yield();
}

static void run_stat(uint32_t task, uint32_t count)
{
	struct stat status;

	for (; count > 0; count--)
		bench_check(stat(tasks[task].file, &status) == 0, "stat");
}

static void open_close(const char *path, int flags)
{
	const int fd = open(path, flags, 0600);

	bench_check(fd >= 0 && close(fd) == 0, "open");
}

static void run_open(uint32_t task, uint32_t count)
{
	for (; count > 0; count--)
		open_close(tasks[task].file, O_RDONLY);
}

static void run_open_shared(uint32_t task, uint32_t count)
{
	(void)task;
	for (; count > 0; count--)
		open_close(SCALING_PATH "/shared", O_RDONLY);
}

static void prepare_open(uint32_t task)
{
	tasks[task].fd = open(tasks[task].file, O_RDWR);
	bench_check(tasks[task].fd >= 0, "open");
}

static void prepare_shared(uint32_t task)
{
	tasks[task].fd = open(SCALING_PATH "/shared", O_RDWR);
	bench_check(tasks[task].fd >= 0, "open");
}

static void run_lseek(uint32_t task, uint32_t count)
{
	for (; count > 0; count--)
		bench_check(lseek(tasks[task].fd, 0, SEEK_SET) == 0, "lseek");
}

/* The two calls that pread() is. */
static void run_read(uint32_t task, uint32_t count)
{
	const int fd = tasks[task].fd;

	for (; count > 0; count--)
		bench_check(lseek(fd, 0, SEEK_SET) == 0 && read(fd, buffer[task], BYTES) == BYTES,
			    "read");
}

static void run_write(uint32_t task, uint32_t count)
{
	const int fd = tasks[task].fd;

	for (; count > 0; count--)
		bench_check(lseek(fd, 0, SEEK_SET) == 0 && write(fd, buffer[task], BYTES) == BYTES,
			    "write");
}

static void run_dup(uint32_t task, uint32_t count)
{
	for (; count > 0; count--) {
		const int fd = dup(tasks[task].fd);
		bench_check(fd >= 0 && close(fd) == 0, "dup");
	}
}

static void create_unlink(const char *path, uint32_t count)
{
	for (; count > 0; count--) {
		open_close(path, O_WRONLY | O_CREAT | O_EXCL);
		bench_check(unlink(path) == 0, "unlink");
	}
}

static void run_create(uint32_t task, uint32_t count)
{
	create_unlink(tasks[task].new, count);
}

static void run_create_shared(uint32_t task, uint32_t count)
{
	create_unlink(tasks[task].in_common, count);
}

/* There and back again. */
static void run_rename(uint32_t task, uint32_t count)
{
	struct task *own = &tasks[task];

	for (; count > 0; count--)
		bench_check(rename(own->file, own->other) == 0 &&
				    rename(own->other, own->file) == 0,
			    "rename");
}

static void run_readdir(uint32_t task, uint32_t count)
{
	for (; count > 0; count--) {
		DIR *directory = opendir(tasks[task].directory);
		uint32_t names = 0;

		while (directory && readdir(directory))
			names++;
		bench_check(names >= 1 && closedir(directory) == 0, "readdir");
	}
}

static void prepare_pipe(uint32_t task)
{
	bench_check(pipe(tasks[task].pipe) == 0, "pipe");
}

static void byte_through(const int fds[2], uint32_t count)
{
	char byte = 0;

	for (; count > 0; count--)
		bench_check(write(fds[1], &byte, 1) == 1 && read(fds[0], &byte, 1) == 1, "pipe");
}

static void run_pipe(uint32_t task, uint32_t count)
{
	byte_through(tasks[task].pipe, count);
}

static void run_pipe_shared(uint32_t task, uint32_t count)
{
	(void)task;
	byte_through(shared_pipe, count);
}

/* To the task itself. */
static void run_message(uint32_t task, uint32_t count)
{
	struct castle_message message = { .to = getpid(), .size = sizeof task };

	for (; count > 0; count--)
		bench_check(castle_send(&message) >= 0 && castle_receive(&message, 0) == 0,
			    "message");
}

static void prepare_fault(uint32_t task)
{
	tasks[task].memory = sbrk((FRESH_PAGES + 1) * PAGE);
	bench_check(tasks[task].memory != (char *)-1, "sbrk");
	tasks[task].memory += PAGE - (uintptr_t)tasks[task].memory % PAGE;
}

static void run_fault(uint32_t task, uint32_t count)
{
	volatile char *page = tasks[task].memory;

	for (; count > 0; count--, page += PAGE)
		*page = 1;
}

static void run_brk(uint32_t task, uint32_t count)
{
	(void)task;
	for (; count > 0; count--)
		bench_check(sbrk(PAGE) != (void *)-1 && sbrk(-(int)PAGE) != (void *)-1, "sbrk");
}

static void wait_for(pid_t pid)
{
	int status;

	bench_check(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, "wait");
}

static void run_fork(uint32_t task, uint32_t count)
{
	(void)task;
	for (; count > 0; count--) {
		const pid_t pid = fork();
		if (pid == 0)
			_exit(0);
		wait_for(pid);
	}
}

static void run_spawn(uint32_t task, uint32_t count)
{
	char *arguments[] = { "nothing", NULL };
	pid_t pid;

	(void)task;
	for (; count > 0; count--) {
		bench_check(posix_spawn(&pid, "/bin/nothing", NULL, NULL, arguments, NULL) == 0,
			    "spawn");
		wait_for(pid);
	}
}

static void *nothing(void *argument)
{
	return argument;
}

static void run_thread(uint32_t task, uint32_t count)
{
	pthread_t thread;

	(void)task;
	for (; count > 0; count--)
		bench_check(pthread_create(&thread, NULL, nothing, NULL) == 0 &&
				    pthread_join(thread, NULL) == 0,
			    "thread");
}

/* Nobody waits: a wake-up that wakes nobody, and a wait that does not wait. */
static void run_futex(uint32_t task, uint32_t count)
{
	uint32_t *word = &tasks[task].word;

	for (; count > 0; count--) {
		bench_check(castle_futex_wake(word, 1) == 0, "futex_wake");
		castle_futex_wait(word, 1, NULL);
	}
}

static void prepare_mutex(uint32_t task)
{
	pthread_mutex_init(&tasks[task].mutex, NULL);
}

static void run_mutex(uint32_t task, uint32_t count)
{
	for (; count > 0; count--) {
		pthread_mutex_lock(&tasks[task].mutex);
		pthread_mutex_unlock(&tasks[task].mutex);
	}
}

/* No signal, to the task itself: a process is looked up, and nothing sent. */
static void run_kill(uint32_t task, uint32_t count)
{
	const pid_t pid = getpid();

	(void)task;
	for (; count > 0; count--)
		bench_check(kill(pid, 0) == 0, "kill");
}

const struct operation operations[] = {
	{ "getpid", 1000, NULL, run_getpid },
	{ "yield", 2000, NULL, run_yield },
	{ "stat", 200, NULL, run_stat },
	{ "open", 200, NULL, run_open },
	{ "open-shared", 200, NULL, run_open_shared },
	{ "lseek", 500, prepare_open, run_lseek },
	{ "read", 200, prepare_open, run_read },
	{ "read-shared", 200, prepare_shared, run_read },
	{ "write", 200, prepare_open, run_write },
	{ "write-shared", 200, prepare_shared, run_write },
	{ "dup", 300, prepare_open, run_dup },
	{ "create", 100, NULL, run_create },
	{ "create-shared", 100, NULL, run_create_shared },
	{ "rename", 100, NULL, run_rename },
	{ "readdir", 50, NULL, run_readdir },
	{ "pipe", 200, prepare_pipe, run_pipe },
	{ "pipe-shared", 200, NULL, run_pipe_shared },
	{ "message", 200, NULL, run_message },
	{ "fault", FRESH_PAGES, prepare_fault, run_fault },
	{ "brk", 300, NULL, run_brk },
	{ "fork", 50, NULL, run_fork },
	{ "spawn", 50, NULL, run_spawn },
	{ "thread", 100, NULL, run_thread },
	{ "futex", 300, NULL, run_futex },
	{ "mutex", 500, prepare_mutex, run_mutex },
	{ "kill", 300, NULL, run_kill },
	{ NULL, 0, NULL, NULL },
};
