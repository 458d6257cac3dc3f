/*
 * What programs see of replication, in memory that they share (castle/cluster.h).
 */
#include <castle/cluster.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "../common/wake.h"
#include "replicate.h"

static struct castle_replica_shared *shared;
static int file;
static bool asked;

static void *hear(void *unused)
{
	struct castle_message message;

	for (;;) {
		if (castle_receive(&message, 0) != 0)
			continue;
		__atomic_store_n(&asked, true, __ATOMIC_RELEASE);
		wake();
	}
	return unused;
}

/* The byte of a turn: one that is held stays so until it is let go of, and who waits for it too. */
static void hold(uint32_t turn, bool holds)
{
	struct flock lock = { .l_type = holds ? F_WRLCK : F_UNLCK,
			      .l_whence = SEEK_SET,
			      .l_start = turn / 2 % CASTLE_REPLICA_TURNS,
			      .l_len = 1 };

	fcntl(file, F_SETLK, &lock);
}

bool show_heard(void)
{
	return __atomic_exchange_n(&asked, false, __ATOMIC_ACQ_REL);
}

void show(const struct replica *replica)
{
	const struct castle_replica now = {
		.own = replica->own,
		.leader = replica->leader,
		.epoch = replica->epoch,
		.role = replica->role == REPLICA_LEADER && !replica_serves(replica)
				? REPLICA_CANDIDATE
				: replica->role,
		.committed = replica->committed_mark,
		.confirmed = replica->confirmed,
	};

	const uint32_t turn = shared->turn;

	if (memcmp(&shared->state, &now, sizeof now) == 0)
		return;
	hold(turn + 2, true);
	__atomic_fetch_add(&shared->turn, 1, __ATOMIC_ACQ_REL);
	memcpy(&shared->state, &now, sizeof now);
	__atomic_fetch_add(&shared->turn, 1, __ATOMIC_RELEASE);
	hold(turn, false);
}

void show_open(void)
{
	pthread_t thread;

	file = open(CASTLE_REPLICA_FILE, O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (file < 0 || ftruncate(file, sizeof *shared) != 0)
		err(1, CASTLE_REPLICA_FILE);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (shared == MAP_FAILED)
		err(1, CASTLE_REPLICA_FILE);
	shared->process = getpid();
	hold(0, true);
	if (pthread_create(&thread, NULL, hear, NULL) != 0)
		err(1, "replicate");
}
