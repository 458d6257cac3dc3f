/*
 * assert_held(): whether the caller may touch what a lock domain protects.
 */
#include "kernel/lock/domain.h"

#include "kernel/debug/lock_order.h"
#include "kernel/debug/lock_processor.h"
#include "kernel/debug/lock_report.h"
#include "kernel/lock/kernel_lock.h"

/* A class for each domain, to report under its name. */
static struct lock_class domain_classes[] UNGUARDED("never numbered: no lock is of them") = {
#define LOCK_DOMAIN(name, rank, what) { #name, 0, rank, 0, 0 },
#include "kernel/lock/domains.h"
#undef LOCK_DOMAIN
};

/* Domains that have a lock of their own. */
static struct {
	struct lock_class *class;
	const volatile void *lock;
} own_locks[LOCK_DOMAIN_COUNT] SET_AT_BOOT;

void lock_domain_set(enum lock_domain domain, struct lock_class *class, const volatile void *lock)
{
	own_locks[domain].class = class;
	own_locks[domain].lock = lock;
}

const char *lock_domain_name(enum lock_domain domain)
{
	return domain_classes[domain].name;
}

void lock_domain_expect(enum lock_domain domain)
{
	if (own_locks[domain].class)
		lock_order_expect(own_locks[domain].class, own_locks[domain].lock);
	else
		lock_order_expect_kernel(&domain_classes[domain], kernel_lock_in_use());
}
