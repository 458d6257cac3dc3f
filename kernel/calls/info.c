/*
 * Gathering the facts behind ps, mem, cpus and the boot benchmark.
 */
#include "kernel/calls/info.h"

#include <castle/errno.h>
#include <castle/info.h>
#include "arch/ia32/interrupt.h"
#include "arch/ia32/processor.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/measure/account.h"
#include "boot/boot_info.h"
#include "kernel/lib/options.h"
#include "arch/ia32/processors.h"
#include "kernel/measure/statistics.h"
#include "kernel/lib/string.h"
#include "kernel/lib/print.h"
#include "kernel/mem/container.h"
#include "kernel/mem/container_directories.h"
#include "kernel/mem/page.h"
#include "kernel/mem/page_table.h"
#include "kernel/mem/reclaim.h"
#include "kernel/mem/slab.h"
#include "kernel/mem/user_copy.h"
#include "kernel/mem/package.h"
#include "kernel/proc/process.h"
#include "kernel/sched/scheduler.h"
#include "kernel/time/clock.h"
#include "kernel/time/timer.h"

uint64_t boot_first_user_cycles SET_AT_BOOT;

extern uint64_t boot_entry_cycles;
extern const char kernel_start[], kernel_end[];

/* A buffer of the program, filled from its start as far as it reaches. */
struct info_writer {
	user_addr_t buffer;
	uint32_t size;
	uint32_t written; /* as if the buffer had no end */
};

static int info_write(struct info_writer *writer, const void *bytes, uint32_t size)
{
	const uint32_t at = writer->written;
	const uint32_t room = at < writer->size ? writer->size - at : 0;

	writer->written += size;
	return room ? copy_to_user(writer->buffer + at, bytes, size < room ? size : room) : 0;
}

static uint32_t process_state(const struct process *process)
{
	struct list *node;

	if (process->ended)
		return 'Z';
	if (process->stop_signal)
		return 'T';
	list_for_each (node, &process->threads)
		if (list_entry(node, struct thread, siblings)->state != THREAD_WAITING)
			return 'R';
	return 'S';
}

/* Caller holds process. */
static void process_describe(const struct process *process, struct castle_process_info *info)
{
	const struct thread *first;

	memset(info, 0, sizeof *info);
	info->pid = process->pid;
	info->parent = process->parent ? process->parent->pid : 0;
	info->threads = process->thread_count;
	info->state = process_state(process);
	info->user_ticks = process_user_ticks(process);
	if (list_empty(&process->threads))
		return;
	info->pages = process->container->pages;
	info->directory = container_directory_count(process->container);
	first = list_entry(process->threads.next, struct thread, siblings);
	info->priority = first->priority;
	info->cpu = placement_home(first);
	memcpy(info->program, process->container->package->name, sizeof info->program);
}

static int info_processes(struct info_writer *writer)
{
	struct process *process = NULL;
	struct castle_process_info info;
	int error = 0;

	while (!error && (process = process_next(process))) {
		process_lock(process);
		process_describe(process, &info);
		process_unlock(process);
		error = info_write(writer, &info, sizeof info);
	}
	process_release(process);
	return error;
}

static uint32_t slab_pages(void)
{
	uint32_t pages = 0;
	struct list *node;

	list_for_each (node, &slab_caches)
		pages += list_entry(node, struct slab_cache, caches)->slab_count;
	return pages;
}

static int info_memory(struct info_writer *writer)
{
	struct castle_memory_info info = {
		.total_pages = page_count_total(),
		.free_pages = page_count_free() + page_table_kept() + slab_count_empty(),
		.slab_pages = slab_pages(),
		.kernel_bytes = kernel_end - kernel_start,
	};

	for (uint32_t i = 0; i < boot_info.module_count; i++)
		info.package_bytes += boot_info.modules[i].end - boot_info.modules[i].start;
	return info_write(writer, &info, sizeof info);
}

static int info_cpus(struct info_writer *writer)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		const struct thread *current = *CPU_LOCAL_OF(cpu, current_thread);
		struct castle_statistics counts;
		statistics_gather(cpu, &counts);
		struct castle_cpu_info info = {
			.cpu = cpu,
			.apic = processors_apic_id(cpu),
			.running = current ? current->process->pid : 0,
			.switches = counts.switches,
			.interrupts = counts.interrupts,
			.idle_ticks = counts.idle_ticks,
			.ticks = timer_ticks,
		};
		processor_brand(info.brand);
		if (info_write(writer, &info, sizeof info) != 0)
			return -EFAULT;
	}
	return 0;
}

static int info_boot(struct info_writer *writer)
{
	const struct castle_boot_info info = {
		.entry_cycles = boot_entry_cycles,
		.first_user_cycles = boot_first_user_cycles,
		.cycles_per_ms = clock_cycles_per_ms(),
		.tick_hz = TICK_HZ,
	};
	return info_write(writer, &info, sizeof info);
}

static int info_caches(struct info_writer *writer)
{
	struct list *node;

	list_for_each (node, &slab_caches) {
		const struct slab_cache *cache = list_entry(node, struct slab_cache, caches);
		struct castle_cache_info info = {
			.object_size = cache->object_size,
			.in_use = cache->in_use,
			.pages = cache->slab_count,
		};
		ksnprintf(info.name, sizeof info.name, "%s", cache->name);
		if (info_write(writer, &info, sizeof info) != 0)
			return -EFAULT;
	}
	return 0;
}

static int info_smp(struct info_writer *writer)
{
	struct castle_smp_info info = { 0 };

	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		struct castle_statistics counts;
		statistics_gather(cpu, &counts);
		info.directories_made += counts.directories;
		info.faults_copied += counts.entries;
		info.faults_stale += counts.stale;
		info.reschedules += counts.reschedules;
		info.evictions += counts.evictions;
	}
	return info_write(writer, &info, sizeof info);
}

static int info_locks(struct info_writer *writer)
{
	struct castle_lock_profile profile;

	account_profile(&profile);
	return info_write(writer, &profile, sizeof profile);
}

static int info_statistics(struct info_writer *writer)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		struct castle_statistics counts;
		statistics_gather(cpu, &counts);
		if (info_write(writer, &counts, sizeof counts) != 0)
			return -EFAULT;
	}
	return 0;
}

#ifdef CASTLE_SMP
static int info_lock_classes(struct info_writer *writer)
{
	for (uint32_t domain = 0; domain < LOCK_DOMAIN_COUNT; domain++) {
		struct castle_lock_class_info info;
		if (!(lock_domains_used & 1u << domain))
			continue;
		lock_describe(domain, &info);
		if (info_write(writer, &info, sizeof info) != 0)
			return -EFAULT;
	}
	return 0;
}
#else
static int info_lock_classes(struct info_writer *writer)
{
	(void)writer;
	return 0;
}
#endif

static int info_gather(uint32_t kind, struct info_writer *writer)
{
	switch (kind) {
	case CASTLE_INFO_PROCESSES:
		return info_processes(writer);
	case CASTLE_INFO_MEMORY:
		memory_settle();
		return info_memory(writer);
	case CASTLE_INFO_CPUS:
		return info_cpus(writer);
	case CASTLE_INFO_RUN:
		return info_write(writer, kernel_options.run, strlen(kernel_options.run) + 1);
	case CASTLE_INFO_BOOT:
		return info_boot(writer);
	case CASTLE_INFO_CACHES:
		memory_settle();
		return info_caches(writer);
	case CASTLE_INFO_SMP:
		return info_smp(writer);
	case CASTLE_INFO_LOCKS:
		return info_locks(writer);
	case CASTLE_INFO_STATISTICS:
		return info_statistics(writer);
	case CASTLE_INFO_LOCK_CLASSES:
		return info_lock_classes(writer);
	default:
		return -EINVAL;
	}
}

int32_t sys_info(uint32_t kind, uint32_t buffer, uint32_t size)
{
	struct info_writer writer = { .buffer = buffer, .size = size };
	const int error = info_gather(kind, &writer);

	return error ? error : (int32_t)writer.written;
}
