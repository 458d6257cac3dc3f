/*
 * Faults to try the lock-order checker with, on locks that guard nothing: what is written to
 * /dev/lockfault names one, and it is done right there, in the call. Also the checker's key on the
 * command line.
 */
#include <castle/errno.h>
#include <stddef.h>
#include "arch/ia32/interrupt.h"
#include "kernel/debug/lock_report.h"
#include "kernel/dev/device.h"
#include "kernel/dev/driver.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/sched/call_result.h"
#include "kernel/sched/scheduler.h"
#include "kernel/sched/thread.h"

#define NAME_MAX 32

/* A line that no device of Castle's uses, raised by the instruction `int`. */
#define FAULT_LINE 5

static LOCK_CLASS_UNRANKED(first_class, "first test lock", 0);
static LOCK_CLASS_UNRANKED(second_class, "second test lock", 0);
static LOCK_CLASS_UNRANKED(third_class, "third test lock", 0);
static LOCK_CLASS_UNRANKED(lasting_class, "lasting test lock", 0);
static LOCK_CLASS_UNRANKED(ordered_class, "ordered test lock", LOCK_BY_ADDRESS);
static LOCK_CLASS(pages_class, pages, 0);
static LOCK_CLASS(names_class, names, 0);
static LOCK_CLASS_UNRANKED(interrupt_class, "interrupt's test lock", 0);

/* Locks are what they are called by: addresses. */
static const char first, second, third, lasting, of_interrupt, ordered[2], of_pages, of_names;

static void take(struct lock_class *class, const char *lock)
{
	lock_order_acquire(class, lock);
}

static void give(struct lock_class *class, const char *lock)
{
	lock_order_release(class, lock);
}

/* Apart from each other, so that their stacks tell them apart. */
__attribute__((noinline)) static void first_then_second(void)
{
	take(&first_class, &first);
	take(&second_class, &second);
	give(&second_class, &second);
	give(&first_class, &first);
}

__attribute__((noinline)) static void second_then_first(void)
{
	take(&second_class, &second);
	take(&first_class, &first);
	give(&first_class, &first);
	give(&second_class, &second);
}

__attribute__((noinline)) static void second_then_third(void)
{
	take(&second_class, &second);
	take(&third_class, &third);
	give(&third_class, &third);
	give(&second_class, &second);
}

__attribute__((noinline)) static void third_then_first(void)
{
	take(&third_class, &third);
	take(&first_class, &first);
	give(&first_class, &first);
	give(&third_class, &third);
}

static void fault_order(void)
{
	first_then_second();
	second_then_first();
}

static void fault_order_of_three(void)
{
	first_then_second();
	second_then_third();
	third_then_first();
}

/* Nobody ever took them the other way round; the order of domains is enough. */
static void fault_rank(void)
{
	take(&pages_class, &of_pages);
	take(&names_class, &of_names);
	give(&names_class, &of_names);
	give(&pages_class, &of_pages);
}

static void fault_recursive(void)
{
	take(&first_class, &first);
	take(&first_class, &first);
	give(&first_class, &first);
	give(&first_class, &first);
}

static void fault_same_class(void)
{
	take(&ordered_class, &ordered[0]);
	take(&ordered_class, &ordered[1]);
	give(&ordered_class, &ordered[1]);
	give(&ordered_class, &ordered[0]);
	take(&ordered_class, &ordered[1]);
	take(&ordered_class, &ordered[0]);
	give(&ordered_class, &ordered[0]);
	give(&ordered_class, &ordered[1]);
}

static void fault_release_order(void)
{
	take(&first_class, &first);
	take(&second_class, &second);
	give(&first_class, &first);
	give(&second_class, &second);
}

static void fault_not_held(void)
{
	lock_order_expect(&first_class, &first);
}

/* Whoever calls it must leave it at that: the call is over, and the lock is held. */
static void fault_user(void)
{
	take(&lasting_class, &lasting);
}

/* As yield does. */
static void fault_sleep(void)
{
	take(&lasting_class, &lasting);
	scheduler_put_back();
}

/* First level. */
static void fault_domain_touched(void)
{
	assert_held(pages);
}

/* A first-level handler that touches what only the kernel proper may. */
static void fault_context(void)
{
	interrupt_register(FAULT_LINE, fault_domain_touched);
	__asm__ volatile("int %0" : : "i"(VECTOR_INTERRUPTS + FAULT_LINE) : "memory");
}

/* First level. */
static void fault_interrupt_taken(void)
{
	take(&interrupt_class, &of_interrupt);
	give(&interrupt_class, &of_interrupt);
}

static void fault_interrupt(void)
{
	take(&interrupt_class, &of_interrupt);
	give(&interrupt_class, &of_interrupt);
	interrupt_register(FAULT_LINE, fault_interrupt_taken);
	__asm__ volatile("int %0" : : "i"(VECTOR_INTERRUPTS + FAULT_LINE) : "memory");
}

#ifdef CASTLE_SMP
#include "kernel/smp/cross_call.h"

static LOCK_CLASS_UNRANKED(shared_class, "shared test lock", 0);
static const char shared;

/* First level, on another processor. */
static void shared_give(void)
{
	give(&shared_class, &shared);
}

static void fault_other_cpu(void)
{
	const uint32_t others = cross_call_others();

	take(&shared_class, &shared);
	cross_call(others & -others, shared_give);
}

static bool is_multiprocessor(void)
{
	return cpu_count > 1;
}
#endif

/* Not done here, but as if it had been by the first of the further processors of either kernel. */
static void fault_elsewhere(void)
{
	struct held_locks *held = lock_order_processor(1);

	held->locks[held->count++] =
		(struct held_lock){ .class = &lasting_class, .lock = &lasting };
}

static bool has_further_processor(void)
{
	return lock_order_processor(1);
}

struct fault {
	const char *name;
	void (*make)(void);
	bool (*possible)(void); /* absent: it always is */
	bool blocks;
};

static const struct fault faults[] = {
	{ .name = "order", .make = fault_order },
	{ .name = "order-of-three", .make = fault_order_of_three },
	{ .name = "rank", .make = fault_rank },
	{ .name = "context", .make = fault_context },
	{ .name = "recursive", .make = fault_recursive },
	{ .name = "same-class", .make = fault_same_class },
	{ .name = "release-order", .make = fault_release_order },
	{ .name = "not-held", .make = fault_not_held },
	{ .name = "interrupt", .make = fault_interrupt },
	{ .name = "user", .make = fault_user },
	{ .name = "elsewhere", .make = fault_elsewhere, .possible = has_further_processor },
	{ .name = "sleep", .make = fault_sleep, .blocks = true },
#ifdef CASTLE_SMP
	{ .name = "other-cpu", .make = fault_other_cpu, .possible = is_multiprocessor },
#endif
};

static int fault_make(const char *name, uint32_t size)
{
	for (uint32_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		const struct fault *fault = &faults[i];
		if (strcmp(fault->name, name) != 0)
			continue;
		if (fault->possible && !fault->possible())
			return -ENODEV;
		current_thread->frame.eax = size;
		fault->make();
		return fault->blocks ? CALL_BLOCKED : (int)size;
	}
	return -EINVAL;
}

static int fault_write(struct file *file, user_addr_t buffer, uint32_t size)
{
	char name[NAME_MAX] = "";
	int error;

	(void)file;
	if (size >= sizeof name)
		return -EINVAL;
	error = copy_from_user(name, buffer, size);
	if (error)
		return error;
	if (size > 0 && name[size - 1] == '\n')
		name[size - 1] = '\0';
	return fault_make(name, size);
}

static struct driver_lock fault_lock UNGUARDED("a lock");
static const struct device_ops fault_ops = { .write = fault_write, .lock = &fault_lock };
static struct device fault_device SET_AT_BOOT = { .name = "lockfault", .ops = &fault_ops };

static int fault_start(void)
{
	return device_register(&fault_device);
}

static bool set_report(const char *value)
{
	lock_report_continues = strcmp(value, "continue") == 0;
	return lock_report_continues || strcmp(value, "panic") == 0;
}

#ifdef CASTLE_SMP
#include "kernel/lock/lock.h"

/* A domain that is to be left without its locks, to see that the checker misses them. */
static bool set_without(const char *value)
{
	for (uint32_t domain = 0; domain < LOCK_DOMAIN_COUNT; domain++) {
		if (strcmp(lock_domain_name(domain), value) != 0)
			continue;
		lock_domains_left_out |= 1u << domain;
		return true;
	}
	return false;
}
#define OPTION_WITHOUT { "without", "a domain of kernel/lock/domains.h", set_without },
#else
#define OPTION_WITHOUT
#endif

static const struct driver_option options[] = {
	OPTION_WITHOUT{ "report", "panic, continue", set_report },
};

static const struct driver locks_driver = {
	.name = "locks",
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.start = fault_start,
};
DRIVER(locks_driver);
