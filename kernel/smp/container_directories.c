/*
 * Lazy page directories for each processor (Section 3.3.3, Figure 3.4). Nothing is unmapped while
 * the container runs, so a directory may lag behind but is never wrong: no other processor has to
 * be told of a new page, and no TLB to be shot down.
 */
#include "kernel/mem/container_directories.h"

#include <castle/address_map.h>
#include <stddef.h>
#include "arch/ia32/cpulocal.h"
#include "kernel/measure/statistics.h"
#include "kernel/debug/trace.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/container.h"
#include "kernel/mem/page.h"
#include "kernel/mem/slab.h"
#include "kernel/sched/placement.h"

#define SLOT_INDEX  PAGE_DIRECTORY_INDEX(CPU_LOCAL_SLOT)
#define OTHERS_SIZE (cpu_count * sizeof(page_entry_t *))

static bool is_owner(const struct container *container)
{
	return container->directories.owner == cpu_number;
}

static inline void container_own(struct container *container, uint32_t cpu)
{
	container->directories.owner = cpu;
	container->directory[SLOT_INDEX] = cpu_slot_entry(cpu);
}

/* Figure 3.4b: the processor that runs the container when it needs a directory is the owner. */
void container_directory_created(struct container *container)
{
	assert_held(container);
	container->directories.owner = CONTAINER_NO_OWNER;
	if (container == active_container)
		container_own(container, cpu_number);
}

/* The table is empty before others see it: they look for their own entry without the lock. */
static bool others_make(struct container_directories *directories)
{
	page_entry_t **others = kmem_alloc(OTHERS_SIZE);

	if (!others)
		return false;
	memset(others, 0, OTHERS_SIZE);
	__atomic_store_n(&directories->others, others, __ATOMIC_RELEASE);
	return true;
}

/* Figure 3.4c: a copy for the processor. */
static bool directory_copy(struct container *container, uint32_t cpu)
{
	struct container_directories *directories = &container->directories;
	page_entry_t *directory;

	if (!directories->others && !others_make(directories))
		return false;
	directory = page_alloc();
	if (!directory)
		return false;
	memcpy(directory, container->directory, PAGE_SIZE);
	directory[SLOT_INDEX] = cpu_slot_entry(cpu);
	directories->others[cpu] = directory;
	container->pages++;
	statistic_directories++;
	TRACE(DIRECTORY, directory, (uint32_t)container);
	return true;
}

/* The processor has none yet: it becomes the owner, or gets a copy. */
static bool directory_get(struct container *container, uint32_t cpu)
{
	if (container->directories.owner != CONTAINER_NO_OWNER)
		return directory_copy(container, cpu);
	container_own(container, cpu);
	return true;
}

__attribute__((noinline)) static bool directory_get_locked(struct container *container,
							   uint32_t cpu)
{
	bool got;

	lock_acquire(container, &container->lock);
	got = directory_get(container, cpu);
	lock_release(container, &container->lock);
	return got;
}

static inline __attribute__((always_inline)) bool prepare(struct container *container, uint32_t cpu)
{
	const struct container_directories *directories = &container->directories;

	if (!container->directory || directories->owner == cpu ||
	    (directories->others && directories->others[cpu]))
		return true;
	return directory_get_locked(container, cpu);
}

bool container_prepare_here(struct container *container)
{
	return prepare(container, cpu_number);
}

bool container_prepare_cpu(struct container *container, uint32_t cpu)
{
	return prepare(container, cpu);
}

page_entry_t *container_directory_of_cpu(struct container *container)
{
	return is_owner(container) ? container->directory
				   : container->directories.others[cpu_number];
}

/*
 * Faults update this processor's directory beside the container's; all others find out by a fault.
 */
void container_directory_update(struct container *container, uint32_t index)
{
	assert_held(container);
	if (container == active_container && !is_owner(container))
		container_directory_of_cpu(container)[index] = container->directory[index];
}

bool container_directory_catch_up(struct container *container, uint32_t index)
{
	page_entry_t *directory;

	assert_held(container);
	assert(container == active_container);
	assert(index >= PAGE_DIRECTORY_INDEX(CASTLE_CONTAINER_BASE));
	if (is_owner(container))
		return false;
	directory = container_directory_of_cpu(container);
	if (directory[index] == container->directory[index])
		return false;
	directory[index] = container->directory[index];
	return true;
}

void container_directories_free_others(struct container *container)
{
	page_entry_t **others = container->directories.others;

	assert_held(container);
	if (placement_policy.forget)
		placement_policy.forget(container);
	if (!others)
		return;
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		if (others[cpu])
			page_free(others[cpu]);
	kmem_free(others, OTHERS_SIZE);
}

bool container_is_only_here(const struct container *container)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		if (cpu != cpu_number && *CPU_LOCAL_OF(cpu, active_container) == container)
			return false;
	return true;
}

uint32_t container_directory_count(const struct container *container)
{
	uint32_t count = container->directory ? 1 : 0;

	assert_held(container);
	for (uint32_t cpu = 0; container->directories.others && cpu < cpu_count; cpu++)
		count += container->directories.others[cpu] ? 1 : 0;
	return count;
}
