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

#define LOST_US 10000

static struct castle_replica_shared *shared;
static int file;

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
	if (memory == MAP_FAILED) {
		close(fd);
		return -1;
	}
	shared = memory;
	file = fd;
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

static void ask(void)
{
	struct castle_message message = { .to = shared->process };

	castle_send(&message);
}

/* Until `replicate` has let go of this turn's byte. */
static void wait_for_turn(uint32_t turn)
{
	struct flock lock = { .l_type = F_RDLCK,
			      .l_whence = SEEK_SET,
			      .l_start = turn / 2 % CASTLE_REPLICA_TURNS,
			      .l_len = 1 };

	if (fcntl(file, F_SETLKW, &lock) == 0) {
		lock.l_type = F_UNLCK;
		fcntl(file, F_SETLK, &lock);
	}
	/* It has ended, or could not take that byte. */
	if (__atomic_load_n(&shared->turn, __ATOMIC_ACQUIRE) == turn)
		usleep(LOST_US);
}

int castle_replica_wait(const struct castle_replica *begun, uint64_t sequence, uint64_t since)
{
	struct castle_replica now;

	if (look_up() != 0)
		return -1;
	ask();
	for (;;) {
		const uint32_t turn = read_state(&now);
		if (now.role != CASTLE_REPLICA_LEADS || now.epoch != begun->epoch ||
		    begun->role != CASTLE_REPLICA_LEADS) {
			errno = ESTALE;
			return -1;
		}
		if (now.committed >= sequence && now.confirmed > since)
			return 0;
		wait_for_turn(turn);
	}
}
