/*
 * The thread lookup table (Section 4.3.5), and the making and freeing of application threads. All
 * of it runs on the boot processor, as part of the driver.
 */
#include "kernel/appkern/thread.h"

#include "kernel/appkern/lock.h"
#include "kernel/appkern/migrate.h"

#define TABLE_SIZE 256

uint32_t application_thread_count GUARDED_BY(driver);

static uint32_t last_thread_id GUARDED_BY(driver);
static struct list thread_table[TABLE_SIZE] GUARDED_BY(driver);

void application_thread_init(void)
{
	native_threads_init(sizeof(struct application_thread));
	for (unsigned i = 0; i < TABLE_SIZE; i++)
		list_init(&thread_table[i]);
}

struct application_thread *application_thread_create(struct application_process *owner,
						     struct castle_apkern_area *area)
{
	struct application_thread *thread = native_thread_alloc();

	assert_held(driver);
	if (!thread)
		return NULL;
	registers_init(&thread->registers);
	thread->state = APPLICATION_NEW;
	thread->owner = owner;
	thread->area = area;
	thread->priority = native_priority(native_caller());
	thread->pid = native_pid();
	thread->tid = native_tid(native_caller());
	last_thread_id = last_thread_id == INT32_MAX ? 1 : last_thread_id + 1;
	thread->id = last_thread_id;
	native_waiters_init(&thread->waiters);
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
	native_wake(&thread->waiters);
	list_remove(&thread->hash);
	list_remove(&thread->siblings);
	native_thread_free(thread);
	application_thread_count--;
}
