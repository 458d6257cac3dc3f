/*
 * Messages through rings in the area: one for each pair of partitions, with one writer and one
 * reader, so that neither needs a lock (Lamport, "Specifying Concurrent Program Modules", 1983). A
 * receiver looks for a moment before it waits; a sender interrupts only those that wait.
 */
#include "kernel/partition/inside/messages.h"

#include <castle/errno.h>
#include <stddef.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/interrupt.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/lock/domain.h"
#include "kernel/partition/inside/here.h"
#include "kernel/sched/scheduler.h"
#include "kernel/sched/wait_queue.h"

#define LOOKS 200 /* before a receiver waits: about what waiting would cost */

static struct wait_queue receivers GUARDED_BY(driver);
static uint32_t last_from GUARDED_BY(driver); /* whose ring was looked at last */

struct partition *partition_named(user_addr_t address, int *error)
{
	struct partition *partition;
	uint32_t number;

	assert_held(driver);
	*error = copy_from_user(&number, address, sizeof number);
	if (*error)
		return NULL;
	*error = -EINVAL;
	if (number < 1 || number > partition_area->count)
		return NULL;
	partition = &partition_area->partitions[number];
	*error = -ESRCH;
	return partition->state == CASTLE_PARTITION_RUNNING ? partition : NULL;
}

void partition_tell(struct partition *partition)
{
	assert_held(driver);
	/* What was written must be seen before `waits` is looked at, as the waiting side has it. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (partition->waits)
		apic_send(partition->apic_ids[0], PARTITION_LINE_MESSAGE);
}

int partition_wait(bool (*is_there)(void), int (*take)(user_addr_t address), user_addr_t address)
{
	assert_held(driver);
	partition_here()->waits = true;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return is_there() ? take(address) : wait_queue_block_restart(&receivers);
}

int message_send(user_addr_t address)
{
	struct castle_partition_message *message;
	struct partition_ring *ring;
	struct partition *to;
	uint32_t tail;
	int error;

	assert_held(driver);
	to = partition_named(address, &error);
	if (!to)
		return error;
	ring = &to->from[partition_number];
	tail = ring->tail;
	if (tail - ring->head == RING_SIZE)
		return -ENOSPC;
	message = &ring->messages[tail % RING_SIZE];
	error = copy_from_user(message, address, sizeof *message);
	if (error)
		return error;
	message->partition = partition_number;
	__atomic_store_n(&ring->tail, tail + 1, __ATOMIC_RELEASE);
	partition_tell(to);
	return 0;
}

/* The ring of the next partition in turn that has something; NULL: none has. */
static struct partition_ring *ring_find(void)
{
	struct partition *here = partition_here();

	for (uint32_t looked = 0; looked < partition_area->count; looked++) {
		struct partition_ring *ring;
		last_from = last_from % partition_area->count + 1;
		ring = &here->from[last_from];
		if (__atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) != ring->head)
			return ring;
	}
	return NULL;
}

static bool message_is_there(void)
{
	return ring_find() != NULL;
}

static int message_take_from(struct partition_ring *ring, user_addr_t address)
{
	const int error = copy_to_user(address, &ring->messages[ring->head % RING_SIZE],
				       sizeof *ring->messages);

	if (!error)
		__atomic_store_n(&ring->head, ring->head + 1, __ATOMIC_RELEASE);
	return error;
}

static int message_take(user_addr_t address)
{
	struct partition_ring *ring = ring_find();

	return ring ? message_take_from(ring, address) : -EAGAIN;
}

int message_receive(user_addr_t address, bool waits)
{
	struct partition_ring *ring = ring_find();

	assert_held(driver);
	for (uint32_t looks = 0; waits && !ring && looks < LOOKS && !scheduler_is_wanted();
	     looks++) {
		cpu_pause();
		ring = ring_find();
	}
	if (ring)
		return message_take_from(ring, address);
	if (!waits)
		return -EAGAIN;
	return partition_wait(message_is_there, message_take, address);
}

/* First level. */
static void message_interrupt(void)
{
	supervisor_raise(SUPERVISOR_DRIVER);
}

/* Second level. Each of those that wait looks for itself. */
static void message_work(void)
{
	if (!partition_here()->waits)
		return;
	partition_here()->waits = false;
	wait_queue_wake_all(&receivers);
}

void messages_init(void)
{
	wait_queue_init(&receivers, driver);
	supervisor_register(SUPERVISOR_DRIVER, message_work);
	interrupt_register(PARTITION_LINE_MESSAGE, message_interrupt);
}
