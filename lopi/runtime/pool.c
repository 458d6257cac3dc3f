/*
 * The return frames of programs. They come in pieces of a pool that all threads share; only getting
 * one is a matter between threads.
 */
#include "frames.h"
#include "signals.h"
#include "thread.h"

#include <errno.h>

enum { PIECE = LOPI_PIECE_SIZE / LOPI_FRAME_SIZE };

struct lopi_frame lopi_frame_pool[LOPI_FRAMES]
	__attribute__((visibility("hidden"), aligned(LOPI_PIECE_SIZE)));

/* Lies where a piece's first frame would be. */
struct piece {
	struct piece *next;
};

static __thread struct piece *pieces;
static uint32_t pool_used;
static struct piece *given_back;
static int pool_lock;

static void lock(void)
{
	while (__sync_lock_test_and_set(&pool_lock, 1))
		__builtin_ia32_pause();
}

static void unlock(void)
{
	__sync_lock_release(&pool_lock);
}

/* One that an ended thread gave back, or a new one. Null if all are in use. */
static struct piece *get_piece(void)
{
	struct piece *piece;
	uint32_t start;

	lock();
	piece = given_back;
	if (piece)
		given_back = piece->next;
	start = pool_used;
	if (!piece && start < LOPI_FRAMES) {
		pool_used = start + PIECE;
		piece = (struct piece *)&lopi_frame_pool[start];
	}
	unlock();
	if (!piece)
		return NULL;
	piece->next = NULL;
	lopi_frames_prepare((struct lopi_frame *)piece);
	return piece;
}

/* The thread has ended: others may use its frames. */
static void give_back(void)
{
	while (pieces) {
		struct piece *piece = pieces;

		pieces = piece->next;
		lock();
		piece->next = given_back;
		given_back = piece;
		unlock();
	}
	lopi_next_frame = NULL;
}

/* A handler may have been here between the caller's look at the frame and this. */
static int next_piece(void)
{
	struct piece *full = (struct piece *)((char *)lopi_next_frame - LOPI_PIECE_SIZE);
	struct piece *piece;

	if ((uintptr_t)lopi_next_frame % LOPI_PIECE_SIZE)
		return 1;
	piece = lopi_next_frame ? full->next : pieces;
	if (!piece) {
		lopi_thread_register();
		lopi_thread_end = give_back;
		piece = get_piece();
		if (!piece)
			return 0;
		if (lopi_next_frame)
			full->next = piece;
		else
			pieces = piece;
	}
	lopi_next_frame = (struct lopi_frame *)piece + 1;
	return 1;
}

int lopi_frames_more(void)
{
	int saved = errno, found;
	sigset_t before;

	lopi_signals_block(&before);
	found = next_piece();
	lopi_signals_restore(&before);
	errno = saved;
	return found;
}
