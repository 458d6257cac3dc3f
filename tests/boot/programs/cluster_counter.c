/*
 * Counts the numbers that come, from whatever node, and whether each follows the last.
 */
#include "cluster_counter.h"

#include <castle/cluster.h>
#include <string.h>
#include <time.h>

static struct counter_answer counter;

static void on_message(const struct castle_message *message)
{
	struct castle_message answer = { .kind = COUNTER_ANSWER, .size = sizeof counter };
	uint32_t number;

	if (message->kind == COUNTER_NUMBER) {
		memcpy(&number, message->data, sizeof number);
		counter.disorder += number != counter.came++;
		return;
	}
	memcpy(answer.data, &counter, sizeof counter);
	castle_cluster_send(castle_cluster_origin(message), &answer);
}

static void on_start(const void *state, size_t size)
{
	struct timespec now;

	(void)state, (void)size;
	clock_gettime(CLOCK_REALTIME, &now);
	counter.start = (uint32_t)now.tv_sec << 8 ^ (uint32_t)now.tv_nsec >> 22;
}

int main(int argc, char **argv)
{
	static const struct castle_callbacks callbacks = { .start = on_start,
							   .message = on_message };

	(void)argc;
	return castle_callbacks(&callbacks, argv);
}
