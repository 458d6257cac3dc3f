/*
 * assert_held(): whether the caller may touch what a lock domain protects.
 */
#include "kernel/lock/domain.h"

#include "kernel/debug/lock_order.h"
#include "kernel/debug/lock_processor.h"
#include "kernel/debug/lock_report.h"
#include "kernel/lock/kernel_lock.h"

/* A class for each domain: of its locks, and to report under its name. */
static struct lock_class domain_classes[] UNGUARDED("the checker's own") = {
#define LOCK_DOMAIN(name, rank, what) { #name, 0, rank, 0, 0 },
#include "kernel/lock/domains.h"
#undef LOCK_DOMAIN
};

/* What whoever holds a domain has; NULL: nothing that can be looked for. */
static struct lock_class *meant[LOCK_DOMAIN_COUNT] SET_AT_BOOT;

void lock_domain_set(enum lock_domain domain, struct lock_class *class)
{
	meant[domain] = class;
}

struct lock_class *lock_domain_class(enum lock_domain domain)
{
	return &domain_classes[domain];
}

void lock_domain_allow(enum lock_domain domain, uint32_t properties)
{
	domain_classes[domain].properties |= properties;
}

const char *lock_domain_name(enum lock_domain domain)
{
	return domain_classes[domain].name;
}

/* Until programs run, one processor starts the kernel proper, and holds nothing. */
static bool programs_run SET_AT_BOOT;

void lock_domains_in_force(void)
{
	programs_run = true;
}

static bool is_in_force(enum lock_domain domain)
{
	return meant[domain] && (programs_run || domain == LOCK_DOMAIN_application);
}

void lock_domain_expect(enum lock_domain domain)
{
	if (is_in_force(domain))
		lock_order_expect_class(meant[domain]);
	else
		lock_order_expect_kernel(&domain_classes[domain], kernel_lock_in_use());
}
