/*
 * The locks of organisations in which several processors run the kernel at once, and how code that
 * asks for one is patched. Included by kernel/lock/lock.h, which says what all of it is for.
 *
 * Contract of all functions here: Any context, not in a first-level handler.
 */
#ifndef KERNEL_SMP_LOCK_H
#define KERNEL_SMP_LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/patch.h"
#include "kernel/debug/lock_order.h"
#include "kernel/lock/domain.h"

struct organisation;

/*
 * All zero: free. Its class is the domain that it is taken for. A subsystem's lock, held over whole
 * calls, is handed over in turn, as the giant lock is; else a processor could wait for ever. A
 * small one is not: who comes while it is free has it. In turn would be worse where processors are
 * threads of a host that has fewer: each time that two want the lock, all wait until the host runs
 * the very one whose turn it is, and with some ten small locks a call that hardly ever ends again.
 */
struct lock {
	volatile uint32_t taken;  /* 1, or 0 */
	volatile uint32_t halted; /* processors that halt while they wait, a bit each */
};

/* A lock within a structure, of organisations that have any. */
#define LOCK_MEMBER(name) struct lock name

/* What takes a lock's place in a structure, in the lock-free kernel. */
#define LOCK_FREE_MEMBER(type, name) type name

/* Locks of the domains that have one for all that they protect. */
extern struct lock programs_lock, files_lock, names_lock, ipc_lock, blocking_lock, timers_lock,
	tables_lock, pages_lock;

/*
 * What a processor has counted of the locks of a domain: taken, found taken, and cycles waited.
 */
struct lock_counts {
	uint32_t taken;
	uint32_t contended;
	uint64_t waited;
};

extern CPU_LOCAL struct lock_counts lock_counts[LOCK_DOMAIN_COUNT];

struct castle_lock_class_info;

/* What all processors have counted of a domain. Any context. */
void lock_describe(enum lock_domain domain, struct castle_lock_class_info *info);

/*
 * Domains whose locks the code itself takes, a bit each: the organisation's, or none on one
 * processor.
 */
extern uint32_t lock_domains_used;

/* Of those, the ones that a test leaves out. */
extern uint32_t lock_domains_left_out;

/* Settles lock_domains_used, before the text is patched. At boot. */
void locks_choose(const struct organisation *organisation);

#define LOCK_BIT(domain) (1u << LOCK_DOMAIN_##domain)

/* Beside domains: ready queues, mailboxes and free lists need no locks (kernel/smp/ring.h). */
#define LOCK_FREE_BIT (1u << 31)

_Static_assert(LOCK_DOMAIN_COUNT <= 31, "no bit is left for the lock-free kernel");

/* Domains whose lock, a single one, is held over whole calls, and handed over in turn. */
#define LOCKS_IN_TURN (LOCK_BIT(files) | LOCK_BIT(ipc))

/* The ways that are long of the next two. */
void lock_take_in_turn(enum lock_domain domain);
void lock_give_in_turn(enum lock_domain domain);
void lock_wait(struct lock *lock, enum lock_domain domain);
void lock_kick(const struct lock *lock);

/* Takes the lock, which this processor does not hold. The domain is a constant. */
static inline __attribute__((always_inline)) void lock_take(struct lock *lock,
							    enum lock_domain domain)
{
	lock_order_acquire(lock_domain_class(domain), lock);
	lock_counts[domain].taken++;
	if (LOCKS_IN_TURN & 1u << domain)
		lock_take_in_turn(domain);
	else if (__builtin_expect(__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE), 0))
		lock_wait(lock, domain);
}

/* Gives it up: an exchange, since `halted` is read after it. */
static inline __attribute__((always_inline)) void lock_give(struct lock *lock,
							    enum lock_domain domain)
{
	lock_order_release(lock_domain_class(domain), lock);
	if (LOCKS_IN_TURN & 1u << domain) {
		lock_give_in_turn(domain);
		return;
	}
	__atomic_exchange_n(&lock->taken, 0, __ATOMIC_SEQ_CST);
	if (__builtin_expect(lock->halted, 0))
		lock_kick(lock);
}

/*
 * True if the organisation uses one of these domains, a constant: a no-operation that becomes a
 * jump.
 */
static inline __attribute__((always_inline)) bool lock_is_used(uint32_t domains)
{
	__asm__ inline goto("1:	.byte	0x0f, 0x1f, 0x44, 0x00, 0x00\n"
			    "	.pushsection .lock_patches, \"a\"\n"
			    "	.long	1b, %l[used], %c[domains], 0\n"
			    "	.popsection"
			    :
			    : [domains] "i"(domains)
			    :
			    : used);
	return false;
used:
	return true;
}

/* If the condition holds, which is looked at only where there is a lock. */
#define lock_acquire_if(domain, lock, condition)                   \
	do {                                                       \
		if (lock_is_used(LOCK_BIT(domain)) && (condition)) \
			lock_take(lock, LOCK_DOMAIN_##domain);     \
	} while (0)

#define lock_release_if(domain, lock, condition)                   \
	do {                                                       \
		if (lock_is_used(LOCK_BIT(domain)) && (condition)) \
			lock_give(lock, LOCK_DOMAIN_##domain);     \
	} while (0)

#define lock_acquire(domain, lock) lock_acquire_if(domain, lock, true)
#define lock_release(domain, lock) lock_release_if(domain, lock, true)

/*
 * The value of the expression, found under the lock if the condition holds: for what only
 * organisations with that lock run, as the forms below.
 */
#define lock_around_if(domain, address, condition, expression)        \
	({                                                            \
		struct lock *const around_lock = address;             \
		const bool around_locked = condition;                 \
		if (around_locked)                                    \
			lock_take(around_lock, LOCK_DOMAIN_##domain); \
		const typeof(expression) around_value = expression;   \
		if (around_locked)                                    \
			lock_give(around_lock, LOCK_DOMAIN_##domain); \
		around_value;                                         \
	})

#define lock_around(domain, address, expression) lock_around_if(domain, address, true, expression)

/* The same with the giant lock, which this processor may hold already. */
#define giant_lock_around(expression)                               \
	({                                                          \
		giant_lock_enter();                                 \
		const typeof(expression) around_value = expression; \
		giant_lock_exit();                                  \
		around_value;                                       \
	})

/* Functions that may be replaced: no caller may have a copy of its own. */
#define LOCK_REPLACED PATCH_REPLACED

/* A jump that is put in if the organisation uses one of some domains, and none of others. */
struct lock_patch {
	struct patch_jump jump;
	uint32_t domains;
	uint32_t unless;
};

/* Where the domain has locks, `other` is called in place of `function`, which is LOCK_REPLACED. */
#define LOCK_FUNCTION(function, other, domain) \
	LOCK_FUNCTION_PATCH(other##_patch, function, other, LOCK_BIT(domain), 0)

/* The same, unless another domain has locks, too, for which there is another form. */
#define LOCK_FUNCTION_UNLESS(function, other, domain, finer) \
	LOCK_FUNCTION_PATCH(other##_patch, function, other, LOCK_BIT(domain), LOCK_BIT(finer))

#define LOCK_FUNCTION_PATCH(name, function, other, domains, unless) \
	static const struct lock_patch name __attribute__((         \
		section(".lock_patches"), used)) = { { function, other }, domains, unless }

/* Where lists are lock-free, `other` is called, whatever else there is. */
#define LOCK_FREE_FUNCTION(function, other)                          \
	static const struct lock_patch other##_patch __attribute__(( \
		section(".lock_patches.free"), used)) = { { function, other }, LOCK_FREE_BIT, 0 }

/* A pointer in a table of constants, and what it is where the domain has locks. */
struct lock_pointer {
	const void *place;
	const void *value;
	uint32_t domains;
};

#define LOCK_POINTER(place, other, domain) LOCK_POINTER_NAMED(place, other, domain, __COUNTER__)
#define LOCK_POINTER_NAMED(place, other, domain, number) \
	LOCK_POINTER_NUMBERED(place, other, domain, number)
#define LOCK_POINTER_NUMBERED(place, other, domain, number)                           \
	static const struct lock_pointer lock_pointer_##number                        \
		__attribute__((section(".lock_pointers"), used)) = { &(place), other, \
								     LOCK_BIT(domain) }

/*
 * The prefix of an instruction that changes what other processors change, too: one that means
 * nothing (ds), which becomes `lock` where they may do so at the same time.
 */
#define LOCK_PREFIX                            \
	".pushsection .lock_prefixes, \"a\"\n" \
	".long	666f\n"                         \
	".popsection\n"                        \
	"666:	.byte	0x3e\n	"

void giant_lock_enter(void);
void giant_lock_exit(void);

/* Takes the giant lock, unless this processor has it; kernel_leave() is the caller's to call. */
static inline __attribute__((always_inline)) void kernel_enter(void)
{
	if (lock_is_used(LOCK_BIT(kernel)))
		giant_lock_enter();
}

static inline __attribute__((always_inline)) void kernel_leave(void)
{
	if (lock_is_used(LOCK_BIT(kernel)))
		giant_lock_exit();
}

/* The same where processes have no locks of their own (kernel/proc/process.h). */
static inline __attribute__((always_inline)) void tasks_enter(void)
{
	if (lock_is_used(LOCK_BIT(tasks)))
		giant_lock_enter();
}

static inline __attribute__((always_inline)) void tasks_leave(void)
{
	if (lock_is_used(LOCK_BIT(tasks)))
		giant_lock_exit();
}

static inline __attribute__((always_inline)) bool kernel_overlaps(void)
{
	return lock_is_used(LOCK_BIT(blocking) | LOCK_BIT(scheduler) | LOCK_FREE_BIT);
}

#endif
