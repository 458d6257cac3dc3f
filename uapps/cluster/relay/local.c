/*
 * The processes of this node. Two threads wait for them, one for what they send, one for the room
 * to deliver; pipes carry records between these and the thread that does all else.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../common/wake.h"
#include "relay.h"

#define QUEUE_MAX 1024

static int events[2], deliveries[2];
static struct record queue[QUEUE_MAX]; /* that the pipe has no room for yet */
static unsigned queue_head, queue_count;

static void event(const struct record *record)
{
	if (write(events[1], record, sizeof *record) != sizeof *record)
		err(1, "events");
	wake();
}

static void *receive(void *unused)
{
	struct record record = { .type = RECORD_LOCAL };

	for (;;) {
		if (castle_receive(&record.message, 0) == 0)
			event(&record);
		else if (errno != EINTR)
			err(1, "receive");
	}
	return unused;
}

/* The message with which a sender is told that one is lost. */
static struct castle_message told(const struct record *record)
{
	struct castle_lost lost = { .to = record->to, .kind = record->message.kind };
	struct castle_message message = { .to = record->from.process,
					  .kind = CASTLE_KIND_LOST,
					  .size = sizeof lost };

	memcpy(lost.data, record->message.data, sizeof lost.data);
	memcpy(message.data, &lost, sizeof lost);
	return message;
}

static void deliver(struct record *record)
{
	struct castle_message message = record->message;

	if (record->type == RECORD_LOST) {
		message = told(record);
		castle_send(&message);
		return;
	}
	message.to = record->to.process;
	memcpy(message.data + CASTLE_CLUSTER_SIZE, &record->from, sizeof record->from);
	if (castle_send(&message) >= 0)
		return;
	record->type = RECORD_FAILED;
	event(record);
}

static void *deliver_all(void *unused)
{
	struct record record;

	while (read(deliveries[0], &record, sizeof record) == sizeof record) {
		wake(); /* there is room */
		deliver(&record);
	}
	return unused;
}

/* A local program's record gets its addresses. False: there is none now. */
bool local_next(struct record *record)
{
	if (read(events[0], record, sizeof *record) != sizeof *record)
		return false;
	if (record->type == RECORD_LOCAL) {
		memcpy(&record->to, record->message.data + CASTLE_CLUSTER_SIZE, sizeof record->to);
		record->from = (struct castle_address){ .node = members.own,
							.process = record->message.from };
	}
	return true;
}

void local_flush(void)
{
	while (queue_count > 0 && write(deliveries[1], &queue[queue_head], sizeof *queue) > 0) {
		queue_head = (queue_head + 1) % QUEUE_MAX;
		queue_count--;
	}
}

void local_deliver(const struct record *record)
{
	if (queue_count == QUEUE_MAX)
		errx(1, "too much to deliver");
	queue[(queue_head + queue_count++) % QUEUE_MAX] = *record;
	local_flush();
}

bool local_is_full(void)
{
	return queue_count > QUEUE_MAX / 2;
}

bool local_waits(void)
{
	return queue_count != 0;
}

void local_open(void)
{
	pthread_t thread;

	if (pipe(events) != 0 || pipe(deliveries) != 0 ||
	    fcntl(events[0], F_SETFL, O_NONBLOCK) != 0 ||
	    fcntl(deliveries[1], F_SETFL, O_NONBLOCK) != 0 ||
	    pthread_create(&thread, NULL, receive, NULL) != 0 ||
	    pthread_create(&thread, NULL, deliver_all, NULL) != 0)
		err(1, "threads");
}
