/*
 * Pipes: a page of bytes between two ends (POSIX.1-2017, read(), write(), pipe()). A blocked reader
 * or writer holds nothing: its call starts over when it is woken, a writer with what is left to
 * write.
 */
#include "kernel/ipc/pipe.h"

#include <castle/errno.h>
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/measure/statistics.h"
#include "kernel/fs/file.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"
#include "kernel/mem/slab.h"
#include "kernel/sched/wait_queue.h"
#include "kernel/time/clock.h"

#define PIPE_SIZE PAGE_SIZE
_Static_assert(PIPE_SIZE >= CASTLE_PIPE_BUF, "an atomic write must fit");

struct pipe {
	uint8_t *buffer;
	uint32_t head; /* bytes ever read, modulo 2^32 */
	uint32_t tail; /* bytes ever written */
	bool read_open, write_open;
	struct wait_queue readers, writers;
	LOCK_MEMBER(lock);
};

static struct slab_cache pipe_cache GUARDED_BY(slabs);

void pipe_init_cache(void)
{
	slab_cache_init(&pipe_cache, "pipe", sizeof(struct pipe), sizeof(void *));
}

/* What there is for this pipe: its lock, or the one of all that threads wait for. */
static inline void pipe_lock(struct pipe *pipe)
{
	(void)pipe;
	lock_acquire(ipc, &ipc_lock);
	lock_acquire(pipe, &pipe->lock);
}

static inline void pipe_unlock(struct pipe *pipe)
{
	(void)pipe;
	lock_release(pipe, &pipe->lock);
	lock_release(ipc, &ipc_lock);
}

static uint32_t pipe_used(const struct pipe *pipe)
{
	return pipe->tail - pipe->head;
}

/* Bytes from `position` that lie together in the buffer, at most `size`. */
static uint32_t pipe_contiguous(uint32_t position, uint32_t size)
{
	const uint32_t room = PIPE_SIZE - position % PIPE_SIZE;
	return size < room ? size : room;
}

/* Moves bytes out; what was moved before a fault is gone from the pipe all the same. */
static int pipe_copy_out(struct pipe *pipe, user_addr_t buffer, uint32_t size)
{
	for (uint32_t left = size; left > 0;) {
		const uint32_t chunk = pipe_contiguous(pipe->head, left);
		if (copy_to_user(buffer, pipe->buffer + pipe->head % PIPE_SIZE, chunk) != 0)
			return -EFAULT;
		pipe->head += chunk;
		buffer += chunk;
		left -= chunk;
	}
	return size;
}

static int pipe_copy_in(struct pipe *pipe, user_addr_t buffer, uint32_t size)
{
	for (uint32_t left = size; left > 0;) {
		const uint32_t chunk = pipe_contiguous(pipe->tail, left);
		if (copy_from_user(pipe->buffer + pipe->tail % PIPE_SIZE, buffer, chunk) != 0)
			return -EFAULT;
		pipe->tail += chunk;
		buffer += chunk;
		left -= chunk;
	}
	statistic_pipe_bytes += size;
	return size;
}

static int pipe_read(struct file *file, user_addr_t buffer, uint32_t size)
{
	struct pipe *pipe = file->data;
	const uint32_t used = pipe_used(pipe);

	if (size == 0)
		return 0;
	if (used == 0) {
		if (!pipe->write_open)
			return 0;
		if (file->flags & CASTLE_O_NONBLOCK)
			return -EAGAIN;
		return wait_queue_block_restart(&pipe->readers);
	}
	const int moved = pipe_copy_out(pipe, buffer, size < used ? size : used);
	wait_queue_wake_all(&pipe->writers);
	return moved;
}

/* How many of the `left` bytes to write now; 0 to wait. Up to PIPE_BUF bytes go in one piece. */
static uint32_t pipe_write_now(const struct pipe *pipe, uint32_t left, bool started)
{
	const uint32_t room = PIPE_SIZE - pipe_used(pipe);

	if (left <= room)
		return left;
	return left <= CASTLE_PIPE_BUF && !started ? 0 : room;
}

static int pipe_write(struct file *file, user_addr_t buffer, uint32_t size)
{
	struct pipe *pipe = file->data;
	uint32_t now;
	int moved;

	if (!pipe->read_open)
		return -EPIPE;
	now = pipe_write_now(pipe, size, current_thread->progress > 0);
	if (now == 0 && size > 0) {
		if (file->flags & CASTLE_O_NONBLOCK)
			return -EAGAIN;
		return wait_queue_block_restart(&pipe->writers);
	}
	moved = pipe_copy_in(pipe, buffer, now);
	wait_queue_wake_all(&pipe->readers);
	if (moved < 0 || now == size || file->flags & CASTLE_O_NONBLOCK)
		return moved;
	return wait_queue_block_moved(&pipe->writers, now);
}

static int pipe_stat(struct file *file, struct castle_stat *stat)
{
	const struct pipe *pipe = file->data;

	memset(stat, 0, sizeof *stat);
	stat->mode = CASTLE_S_IFIFO | 0600;
	stat->links = 1;
	stat->size = pipe_used(pipe);
	time_now(&stat->modified);
	return 0;
}

static uint32_t pipe_read_ready(struct file *file)
{
	struct pipe *pipe = file->data;
	uint32_t ready;

	pipe_lock(pipe);
	ready = (pipe_used(pipe) > 0 ? CASTLE_READY_TO_READ : 0) |
		(pipe->write_open ? 0 : CASTLE_READY_HANG_UP);
	pipe_unlock(pipe);
	return ready;
}

/* As many as go in one piece fit. */
static uint32_t pipe_write_ready(struct file *file)
{
	struct pipe *pipe = file->data;
	uint32_t ready = 0;

	pipe_lock(pipe);
	if (!pipe->read_open)
		ready = CASTLE_READY_ERROR;
	else if (PIPE_SIZE - pipe_used(pipe) >= CASTLE_PIPE_BUF)
		ready = CASTLE_READY_TO_WRITE;
	pipe_unlock(pipe);
	return ready;
}

static void pipe_free(struct pipe *pipe)
{
	page_free(pipe->buffer);
	slab_free(&pipe_cache, pipe);
}

/*
 * One end is closed: all who wait must look again, and then nobody may be left in the queues. With
 * the other end the pipe goes.
 */
static void pipe_end_close(struct pipe *pipe, bool *end)
{
	bool other_open;

	pipe_lock(pipe);
	*end = false;
	other_open = pipe->read_open || pipe->write_open;
	wait_queue_wake_all(&pipe->readers);
	wait_queue_wake_all(&pipe->writers);
	pipe_unlock(pipe);
	if (!other_open)
		pipe_free(pipe);
}

static void pipe_release_reader(struct file *file)
{
	struct pipe *pipe = file->data;

	pipe_end_close(pipe, &pipe->read_open);
}

static void pipe_release_writer(struct file *file)
{
	struct pipe *pipe = file->data;

	pipe_end_close(pipe, &pipe->write_open);
}

static const struct file_ops pipe_read_ops = {
	.read = pipe_read,
	.stat = pipe_stat,
	.ready = pipe_read_ready,
	.release = pipe_release_reader,
};

static const struct file_ops pipe_write_ops = {
	.write = pipe_write,
	.stat = pipe_stat,
	.ready = pipe_write_ready,
	.release = pipe_release_writer,
};

#ifdef CASTLE_SMP
/* The same where all that threads wait for has one lock. */
static int pipe_read_locked(struct file *file, user_addr_t buffer, uint32_t size)
{
	return lock_around(ipc, &ipc_lock, pipe_read(file, buffer, size));
}

static int pipe_write_locked(struct file *file, user_addr_t buffer, uint32_t size)
{
	return lock_around(ipc, &ipc_lock, pipe_write(file, buffer, size));
}

LOCK_POINTER(pipe_read_ops.read, pipe_read_locked, ipc);
LOCK_POINTER(pipe_write_ops.write, pipe_write_locked, ipc);

/* The same where each pipe has. */
static int pipe_read_own(struct file *file, user_addr_t buffer, uint32_t size)
{
	struct pipe *pipe = file->data;

	return lock_around(pipe, &pipe->lock, pipe_read(file, buffer, size));
}

static int pipe_write_own(struct file *file, user_addr_t buffer, uint32_t size)
{
	struct pipe *pipe = file->data;

	return lock_around(pipe, &pipe->lock, pipe_write(file, buffer, size));
}

LOCK_POINTER(pipe_read_ops.read, pipe_read_own, pipe);
LOCK_POINTER(pipe_write_ops.write, pipe_write_own, pipe);
#endif

static struct pipe *pipe_create(void)
{
	struct pipe *pipe = slab_alloc_zeroed(&pipe_cache);

	if (!pipe)
		return NULL;
	pipe->buffer = page_alloc();
	if (!pipe->buffer) {
		slab_free(&pipe_cache, pipe);
		return NULL;
	}
	wait_queue_init(&pipe->readers, pipe);
	wait_queue_init(&pipe->writers, pipe);
	return pipe;
}

int pipe_open(struct file **reader, struct file **writer)
{
	struct pipe *pipe = pipe_create();

	if (!pipe)
		return -ENOMEM;
	*reader = file_create(&pipe_read_ops, CASTLE_O_RDONLY, NULL, pipe);
	pipe->read_open = *reader != NULL;
	*writer = file_create(&pipe_write_ops, CASTLE_O_WRONLY, NULL, pipe);
	pipe->write_open = *writer != NULL;
	if (*reader && *writer)
		return 0;
	if (*reader)
		file_release(*reader);
	else if (*writer)
		file_release(*writer);
	else
		pipe_free(pipe);
	return -ENOMEM;
}
