/*
 * The thread lookup table (Section 4.3.5), and the making and freeing of application threads. All
 * of it runs on the boot processor, as part of the driver.
 */
#include "kernel/appkern/thread.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/segments.h"
#include "kernel/appkern/lock.h"
#include "kernel/appkern/migrate.h"
#include "kernel/lib/assert.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/slab.h"
#include "kernel/proc/process.h"

#define TABLE_SIZE 256

uint32_t application_thread_count GUARDED_BY(driver);

static uint32_t last_thread_id GUARDED_BY(driver);
static struct slab_cache thread_cache GUARDED_BY(slabs);
static struct list thread_table[TABLE_SIZE] GUARDED_BY(driver);

void application_thread_init(void)
{
	slab_cache_init(&thread_cache, "app thread", sizeof(struct application_thread), 16);
	for (unsigned i = 0; i < TABLE_SIZE; i++)
		list_init(&thread_table[i]);
}

struct application_thread *application_thread_create(struct application_process *owner,
						     struct castle_apkern_area *area)
{
	struct application_thread *thread = slab_alloc_zeroed(&thread_cache);

	assert_held(driver);
	if (!thread)
		return NULL;
	thread->frame.cs = SEGMENT_USER_CODE;
	thread->frame.ss = SEGMENT_USER_DATA;
	thread->frame.eflags = EFLAGS_FIXED | EFLAGS_IF;
	thread->state = APPLICATION_NEW;
	thread->owner = owner;
	thread->area = area;
	thread->priority = current_thread->priority;
	thread->pid = current_process()->pid;
	thread->tid = current_thread->tid;
	last_thread_id = last_thread_id == INT32_MAX ? 1 : last_thread_id + 1;
	thread->id = last_thread_id;
	wait_queue_init(&thread->waiters, driver);
	list_init(&thread->queue);
	list_append(&owner->threads, &thread->siblings);
	list_append(&thread_table[thread->id % TABLE_SIZE], &thread->hash);
	application_thread_count++;
	return thread;
}

struct application_thread *application_thread_look_up(const struct application_process *owner,
						      uint32_t id)
{
	struct list *node, *head = &thread_table[id % TABLE_SIZE];

	assert_held(driver);
	list_for_each (node, head) {
		struct application_thread *thread =
			list_entry(node, struct application_thread, hash);
		if (thread->id == id && thread->owner == owner)
			return thread;
	}
	return NULL;
}

void application_thread_free(struct application_thread *thread)
{
	assert_held(driver);
	assert(thread->state >= APPLICATION_NEW);
	if (thread->state == APPLICATION_AWAY)
		migrate_forget(thread);
	application_lock();
	list_remove(&thread->queue); /* it may be in that of messages */
	application_unlock();
	wait_queue_wake_all(&thread->waiters);
	list_remove(&thread->hash);
	list_remove(&thread->siblings);
	slab_free(&thread_cache, thread);
	application_thread_count--;
}
