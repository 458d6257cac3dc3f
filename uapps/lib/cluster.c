/*
 * Messages between nodes (castle/cluster.h). They go by way of this node's relay, which is told
 * where to in the last bytes of the message; there the receiver finds where it came from.
 */
#include <castle/cluster.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int32_t relay; /* its process, when it was looked up last */

static int look_up(struct castle_relay *found)
{
	const int fd = open(CASTLE_RELAY_FILE, O_RDONLY);
	const ssize_t size = fd >= 0 ? read(fd, found, sizeof *found) : -1;

	if (fd >= 0)
		close(fd);
	if (size != sizeof *found) {
		errno = ESRCH;
		return -1;
	}
	relay = found->process;
	return 0;
}

int castle_cluster(struct castle_cluster *cluster)
{
	struct castle_relay found;

	if (look_up(&found) != 0)
		return -1;
	*cluster = found.cluster;
	return 0;
}

int32_t castle_relay(void)
{
	struct castle_relay found;

	return look_up(&found) == 0 ? relay : -1;
}

int castle_cluster_send(struct castle_address to, const struct castle_message *message)
{
	struct castle_message copy = *message;
	struct castle_relay found;

	if (message->size > CASTLE_CLUSTER_SIZE) {
		errno = EINVAL;
		return -1;
	}
	copy.to = to.process;
	if (to.node == 0)
		return castle_send(&copy) < 0 ? -1 : 0;
	memcpy(copy.data + CASTLE_CLUSTER_SIZE, &to, sizeof to);
	if (!relay && look_up(&found) != 0)
		return -1;
	copy.to = relay;
	if (castle_send(&copy) >= 0)
		return 0;
	if (errno != ESRCH || look_up(&found) != 0)
		return -1;
	copy.to = relay;
	return castle_send(&copy) < 0 ? -1 : 0;
}

struct castle_address castle_cluster_origin(const struct castle_message *message)
{
	struct castle_address from = { .node = 0, .process = message->from };
	struct castle_relay found;

	if (!relay)
		look_up(&found);
	if (relay && message->from == relay)
		memcpy(&from, message->data + CASTLE_CLUSTER_SIZE, sizeof from);
	return from;
}
