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
static bool asked;

static void *hear(void *unused)
{
	for (uint32_t seen = 0;;) {
		castle_futex_wait(&shared->asked, seen, NULL);
		seen = __atomic_load_n(&shared->asked, __ATOMIC_ACQUIRE);
		__atomic_store_n(&asked, true, __ATOMIC_RELEASE);
		wake();
	}
	return unused;
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

	if (memcmp(&shared->state, &now, sizeof now) == 0)
		return;
	__atomic_fetch_add(&shared->turn, 1, __ATOMIC_ACQ_REL);
	memcpy(&shared->state, &now, sizeof now);
	__atomic_fetch_add(&shared->turn, 1, __ATOMIC_RELEASE);
	castle_futex_wake(&shared->turn, 1000);
}

void show_open(void)
{
	const int fd = open(CASTLE_REPLICA_FILE, O_RDWR | O_CREAT | O_TRUNC, 0644);
	pthread_t thread;

	if (fd < 0 || ftruncate(fd, sizeof *shared) != 0)
		err(1, CASTLE_REPLICA_FILE);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shared == MAP_FAILED || pthread_create(&thread, NULL, hear, NULL) != 0)
		err(1, "replicate");
}
