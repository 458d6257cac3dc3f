/*
 * The rules of the lock-order checker, over the stack of locks that a processor holds and the order
 * graph. An interrupt is a node of the graph as well: what is held while interrupts are on comes
 * before it, what its first level takes comes after it. So a lock that is taken in both ways is a
 * cycle like any other, and so are longer ways from the one to the other. The same goes for
 * functions that one processor calls on another and waits for.
 */
#include "kernel/debug/lock_order.h"

#include <castle/info.h>
#include <stddef.h>
#include "kernel/debug/kill.h"
#include "kernel/debug/lock_processor.h"
#include "kernel/debug/lock_report.h"
#include "kernel/lib/assert.h"
#include "kernel/lock/domain.h"

CPU_LOCAL struct held_locks held_locks;
LOCK_CLASS_UNRANKED(lock_interrupt_class, "interrupt", LOCK_EVENT);

/* All processors' stacks, by number, where everybody sees them. */
static struct held_locks *all_held[CASTLE_CPUS_MAX] UNGUARDED("each is set once");

void lock_order_processor_init(struct held_locks *held, uint32_t cpu, void (*hand_over)(void))
{
	held->cpu = cpu;
	held->hand_over = hand_over;
	all_held[cpu] = held;
}

struct held_locks *lock_order_processor(uint32_t cpu)
{
	return all_held[cpu];
}

static struct held_lock *find(struct held_locks *held, const volatile void *lock)
{
	for (uint32_t i = held->count; i-- > 0;)
		if (held->locks[i].lock == lock)
			return &held->locks[i];
	return NULL;
}

/* Whoever holds the lock, or waits for it, on another processor; NULL if nobody does. */
static const struct held_lock *holder_find(const struct held_locks *held, const volatile void *lock)
{
	for (uint32_t cpu = 0; cpu < CASTLE_CPUS_MAX; cpu++) {
		struct held_lock *found = NULL;
		if (all_held[cpu] && all_held[cpu] != held)
			found = find(all_held[cpu], lock);
		if (found)
			return found;
	}
	return NULL;
}

/* Each kind of fault once for a class. */
static void report_once(struct lock_finding *finding)
{
	const uint32_t bit = 1u << finding->fault;

	if (!(finding->class->reported & bit))
		lock_report(finding);
	finding->class->reported |= bit;
}

/* What is taken comes after `before`, which is held; each contradiction is found once. */
static void order_check(struct lock_finding *taken, const struct held_lock *before)
{
	const struct lock_edge edge = { before->taken, taken->here };

	if (lock_graph_add(before->class, taken->class, &edge, &taken->path))
		return;
	taken->fault = LOCK_FAULT_ORDER;
	taken->other = before;
	lock_report(taken);
}

/* Of one class only those may be held together that have an order of their own. */
static void class_check(struct lock_finding *taken, const struct held_lock *before)
{
	if (taken->class->properties & LOCK_NESTS ||
	    (taken->class->properties & LOCK_BY_ADDRESS && taken->lock > before->lock))
		return;
	taken->fault = LOCK_FAULT_AGAIN;
	taken->other = before;
	report_once(taken);
}

/* Against the order of kernel/lock/domains.h. */
static void rank_check(struct lock_finding *taken, const struct held_lock *before)
{
	if (!taken->class->rank || before->class->rank <= taken->class->rank)
		return;
	taken->fault = LOCK_FAULT_RANK;
	taken->other = before;
	report_once(taken);
}

static void push(struct held_locks *held, struct lock_class *class, const volatile void *lock,
		 const struct lock_trace *here)
{
	assert(held->count < LOCKS_HELD_MAX);
	held->locks[held->count++] = (struct held_lock){ class, lock, 0, *here };
}

static void take(struct held_locks *held, struct lock_class *class, const volatile void *lock,
		 const struct lock_trace *here)
{
	struct lock_finding taken = { .held = held, .class = class, .lock = lock, .here = *here };

	for (uint32_t i = 0; i < held->count; i++) {
		const struct held_lock *before = &held->locks[i];
		if (before->class == class)
			class_check(&taken, before);
		else
			order_check(&taken, before);
		rank_check(&taken, before);
	}
	push(held, class, lock, here);
}

/*
 * Interrupts are on with these locks held: one may come now, and take what its first level takes.
 */
static void interrupts_check(struct held_locks *held, const struct lock_trace *here)
{
	struct lock_finding interrupt = { .held = held,
					  .class = &lock_interrupt_class,
					  .here = *here };

	for (uint32_t i = 0; i < held->count; i++)
		if (!(held->locks[i].class->properties & LOCK_EVENT))
			order_check(&interrupt, &held->locks[i]);
}

void lock_order_acquire(struct lock_class *class, const volatile void *lock)
{
	const bool on = lock_interrupts_off();
	struct held_locks *held = lock_held_here();
	struct held_lock *again = find(held, lock);

	if (again && class->properties & LOCK_RECURSIVE) {
		again->depth++;
	} else {
		struct lock_trace here;
		lock_trace_take(&here, held->cpu, __builtin_frame_address(0));
		take(held, class, lock, &here);
		if (on || class->properties & LOCK_OPENS)
			interrupts_check(held, &here);
	}
	if (held == &held_locks)
		kill_point_here(KILL_LOCK);
	lock_interrupts_restore(on);
}

void lock_order_begin(struct lock_class *class)
{
	const bool on = lock_interrupts_off();
	struct held_locks *held = lock_held_here();
	struct lock_trace here;

	lock_trace_take(&here, held->cpu, __builtin_frame_address(0));
	push(held, class, class, &here);
	lock_interrupts_restore(on);
}

static void drop(struct held_locks *held, const struct held_lock *lock)
{
	held->count--;
	for (uint32_t i = lock - held->locks; i < held->count; i++)
		held->locks[i] = held->locks[i + 1];
}

/* What is wrong with a lock, or with how it is used, here and now. */
static void state_report(enum lock_fault fault, struct held_locks *held, struct lock_class *class,
			 const volatile void *lock, const struct held_lock *other,
			 const void *frame_pointer)
{
	struct lock_finding finding = {
		.fault = fault, .held = held, .class = class, .lock = lock, .other = other
	};

	lock_trace_take(&finding.here, held->cpu, frame_pointer);
	report_once(&finding);
}

static void release(struct held_locks *held, struct lock_class *class, const volatile void *lock,
		    const void *frame_pointer)
{
	struct held_lock *mine = find(held, lock), *last = &held->locks[held->count - 1];

	if (!mine) {
		state_report(LOCK_FAULT_RELEASE_ELSEWHERE, held, class, lock,
			     holder_find(held, lock), frame_pointer);
	} else if (mine->depth > 0) {
		mine->depth--;
	} else {
		if (mine != last && !(class->properties & LOCK_NESTS))
			state_report(LOCK_FAULT_RELEASE_ORDER, held, class, lock, last,
				     frame_pointer);
		drop(held, mine);
	}
}

void lock_order_release(struct lock_class *class, const volatile void *lock)
{
	const bool on = lock_interrupts_off();

	release(lock_held_here(), class, lock, __builtin_frame_address(0));
	lock_interrupts_restore(on);
}

void lock_order_expect(struct lock_class *class, const volatile void *lock)
{
	const bool on = lock_interrupts_off();
	struct held_locks *held = lock_held_here();

	if (!find(held, lock))
		state_report(LOCK_FAULT_NOT_HELD, held, class, lock, holder_find(held, lock),
			     __builtin_frame_address(0));
	lock_interrupts_restore(on);
}

void lock_order_expect_class(struct lock_class *class)
{
	const bool on = lock_interrupts_off();
	struct held_locks *held = lock_held_here();
	uint32_t i = 0;

	while (i < held->count && held->locks[i].class != class)
		i++;
	if (i == held->count)
		state_report(LOCK_FAULT_NOT_HELD, held, class, class, NULL,
			     __builtin_frame_address(0));
	lock_interrupts_restore(on);
}

/* The lock that the way into the kernel takes; NULL: this processor does not hold it. */
static const struct held_lock *kernel_lock_find(const struct held_locks *held)
{
	for (uint32_t i = 0; i < held->count; i++)
		if (held->locks[i].class->properties & LOCK_OF_KERNEL)
			return &held->locks[i];
	return NULL;
}

void lock_order_expect_kernel(struct lock_class *domain, bool locked)
{
	const bool on = lock_interrupts_off();
	struct held_locks *held = lock_held_here();

	if (find(held, &lock_interrupt_class) || lock_is_application(held))
		state_report(LOCK_FAULT_CONTEXT, held, domain, domain, NULL,
			     __builtin_frame_address(0));
	else if (locked && !kernel_lock_find(held))
		state_report(LOCK_FAULT_NOT_HELD, held, domain, domain, NULL,
			     __builtin_frame_address(0));
	lock_interrupts_restore(on);
}

/* Locks that are in the way are forgotten once they have been reported. */
static void rest_check(enum lock_fault fault, const void *frame_pointer)
{
	struct held_locks *held = lock_held_here();

	for (uint32_t i = held->count; i-- > 0;) {
		const struct held_lock *lock = &held->locks[i];
		if (lock->class->properties & LOCK_OF_KERNEL && lock->depth == 0)
			continue;
		state_report(fault, held, lock->class, lock->lock, lock, frame_pointer);
		drop(held, lock);
	}
}

void lock_order_sleep(void)
{
	const bool on = lock_interrupts_off();

	rest_check(LOCK_FAULT_SLEEP, __builtin_frame_address(0));
	lock_interrupts_restore(on);
}

/* Interrupts are off. */
void lock_order_leave(struct lock_class *class, const volatile void *lock)
{
	rest_check(LOCK_FAULT_USER, __builtin_frame_address(0));
	if (class)
		release(lock_held_here(), class, lock, __builtin_frame_address(0));
}

void lock_order_interrupt_begin(void)
{
	lock_order_acquire(&lock_interrupt_class, &lock_interrupt_class);
}

void lock_order_interrupt_end(void)
{
	lock_order_release(&lock_interrupt_class, &lock_interrupt_class);
}
