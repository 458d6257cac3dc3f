/*
 * A callback process, for test_callbacks: counts, answers later, crashes when it is told to, and
 * hands its count to its successor.
 */
#include "counter_process.h"

#include <stdlib.h>
#include <string.h>
#include <castle/callbacks.h>

static struct counter counter;
static int32_t asker; /* waits for the timer */
static bool inside;   /* a callback runs */

static void answer(int32_t to)
{
	struct castle_message message = { .to = to,
					  .kind = COUNTER_ANSWER,
					  .size = sizeof counter };

	memcpy(message.data, &counter, sizeof counter);
	castle_send(&message);
}

static void on_start(const void *state, size_t size)
{
	if (!state)
		return;
	memcpy(&counter, state, size < sizeof counter ? size : sizeof counter);
	counter.upgrades++;
}

static void on_message(const struct castle_message *message)
{
	counter.overlaps += inside;
	inside = true;
	switch (message->kind) {
	case COUNTER_ADD:
		counter.count++;
		break;
	case COUNTER_GET:
		answer(message->from);
		break;
	case COUNTER_LATER:
		asker = message->from;
		castle_timer_set(3, COUNTER_LATER_MS);
		break;
	case COUNTER_WATCH:
		castle_watch(message->from);
		break;
	case COUNTER_CRASH:
		abort();
	}
	inside = false;
}

static void on_timer(uint32_t timer)
{
	if (timer == 3)
		answer(asker);
}

static void on_gone(int32_t peer)
{
	counter.gone = peer;
}

static size_t on_upgrade(void *state, size_t room)
{
	memcpy(state, &counter, sizeof counter);
	return sizeof counter <= room ? sizeof counter : 0;
}

int main(int argc, char **argv)
{
	static const struct castle_callbacks callbacks = {
		.start = on_start,
		.message = on_message,
		.timer = on_timer,
		.gone = on_gone,
		.upgrade = on_upgrade,
	};

	(void)argc;
	return castle_callbacks(&callbacks, argv);
}
