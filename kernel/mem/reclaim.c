/*
 * Everything that is kept ready goes back.
 */
#include "kernel/mem/reclaim.h"

#include "kernel/lock/lock.h"
#include "kernel/mem/page.h"
#include "kernel/mem/page_table.h"
#include "kernel/mem/slab.h"

size_t memory_reclaim(void)
{
	const size_t kept = slab_reclaim() + page_table_reclaim();

	return kept + page_reclaim();
}

void memory_settle(void)
{
	if (lock_is_used(LOCK_BIT(objects)))
		memory_reclaim();
}
