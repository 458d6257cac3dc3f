/*
 * What programs see of replication (castle/cluster.h): memory that `replicate` writes.
 */
#include <castle/cluster.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 20

static struct castle_replica_shared *shared;

static int look_up(void)
{
	const int fd = shared ? -1 : open(CASTLE_REPLICA_FILE, O_RDWR);
	void *memory;

	if (shared)
		return 0;
	if (fd < 0) {
		errno = ESRCH;
		return -1;
	}
	memory = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED)
		return -1;
	shared = memory;
	return 0;
}

/* The state, and the turn in which it was whole. */
static uint32_t read_state(struct castle_replica *replica)
{
	uint32_t turn;

	do {
		turn = __atomic_load_n(&shared->turn, __ATOMIC_ACQUIRE);
		memcpy(replica, &shared->state, sizeof *replica);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (turn % 2 || turn != __atomic_load_n(&shared->turn, __ATOMIC_RELAXED));
	return turn;
}

int castle_replica(struct castle_replica *replica)
{
	if (look_up() != 0)
		return -1;
	read_state(replica);
	return 0;
}

uint64_t castle_replica_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int castle_replica_wait(const struct castle_replica *begun, uint64_t sequence, uint64_t since)
{
	const struct castle_timespec look = { .nanoseconds = LOOK_MS * 1000000 };
	struct castle_replica now;

	if (look_up() != 0)
		return -1;
	__atomic_fetch_add(&shared->asked, 1, __ATOMIC_RELEASE);
	castle_futex_wake(&shared->asked, 1);
	for (;;) {
		const uint32_t turn = read_state(&now);
		if (now.role != CASTLE_REPLICA_LEADS || now.epoch != begun->epoch ||
		    begun->role != CASTLE_REPLICA_LEADS) {
			errno = ESTALE;
			return -1;
		}
		if (now.committed >= sequence && now.confirmed > since)
			return 0;
		castle_futex_wait(&shared->turn, turn, &look);
	}
}
