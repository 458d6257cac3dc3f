/*
 * Lock domains: names for what must be held, independent of which lock that is. Code says which
 * domain it touches; the organisation that runs decides what that means: nothing on one processor,
 * the giant lock, a subsystem's lock or an object's (kernel/lock/lock.h; design: All organisations
 * of Table 2.1).
 *
 * A public function's contract stands in its comment, and says what the caller holds in these names
 * (docs/contracts.md); the function asserts it in its first lines:
 *
 *	assert_held(pages);
 *
 * which costs nothing but in DEBUG=1 builds, where the lock-order checker looks.
 */
#ifndef KERNEL_LOCK_DOMAIN_H
#define KERNEL_LOCK_DOMAIN_H

#include <stdint.h>

enum lock_domain {
#define LOCK_DOMAIN(name, rank, what) LOCK_DOMAIN_##name,
#include "kernel/lock/domains.h"
#undef LOCK_DOMAIN
	LOCK_DOMAIN_COUNT
};

/* The place of each domain in the order of taking; 0 is no rank. */
enum lock_rank {
#define LOCK_DOMAIN(name, rank, what) LOCK_RANK_##name = rank,
#include "kernel/lock/domains.h"
#undef LOCK_DOMAIN
};

/*
 * What variables say of themselves at their definition, for the reader and for `make globals`:
 * the domain whose lock protects them; that they are written only while the kernel starts, on one
 * processor, before the first program; or why nothing has to protect them. CPU_LOCAL
 * (arch/ia32/cpulocal.h) is the fourth possibility.
 */
#define GUARDED_BY(domain)
#define SET_AT_BOOT
#define UNGUARDED(reason)

#ifdef CASTLE_DEBUG
/*
 * The caller is in the kernel proper (not in a first-level interrupt handler, nor on an application
 * processor) and holds the lock that the domain has in this organisation.
 */
#define assert_held(domain) lock_domain_expect(LOCK_DOMAIN_##domain)

/* The same, of data that others know of, if the condition holds. */
#define assert_held_if(domain, condition)    \
	do {                                 \
		if (condition)               \
			assert_held(domain); \
	} while (0)

/* Any context. Reports a fault of the use of locks, if so. */
void lock_domain_expect(enum lock_domain domain);

/*
 * In this organisation whoever holds `domain` has a lock of this class, which assert_held() looks
 * for once programs run. At boot.
 */
#define lock_domain_use(domain, class) lock_domain_set(LOCK_DOMAIN_##domain, class)
struct lock_class;
void lock_domain_set(enum lock_domain domain, struct lock_class *class);

/* What the domain's own locks may be used for beside (enum lock_property). At boot. */
void lock_domain_allow(enum lock_domain domain, uint32_t properties);

/* That of the domain's own locks. Any context. */
struct lock_class *lock_domain_class(enum lock_domain domain);

/*
 * From here on assert_held() looks for locks: the first program is about to be started, which any
 * processor may run. At boot.
 */
void lock_domains_in_force(void);

/* "pages"; for reports. Any context. */
const char *lock_domain_name(enum lock_domain domain);
#else
#define assert_held(domain)                   ((void)0)
#define assert_held_if(domain, condition)     ((void)0)
#define lock_domain_use(domain, class)        ((void)0)
#define lock_domain_allow(domain, properties) ((void)0)
#define lock_domains_in_force()               ((void)0)
#endif

#endif
