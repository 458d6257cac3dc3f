/*
 * Everything that is kept ready goes back.
 */
#include "kernel/mem/reclaim.h"

#include "kernel/lock/lock.h"
#include "kernel/mem/page.h"
#include "kernel/mem/page_table.h"
#include "kernel/mem/page_zero.h"
#include "kernel/mem/slab.h"

#ifdef CASTLE_SMP
#include "kernel/smp/epoch.h"

static void retired_free(void)
{
	if (lock_is_used(LOCK_BIT(objects)))
		epoch_settle();
}
#else
static void retired_free(void)
{
}
#endif

size_t memory_reclaim(void)
{
	size_t kept;

	retired_free();
	kept = slab_reclaim() + page_table_reclaim();
	kept += page_zero_reclaim();
	return kept + page_reclaim();
}

void memory_settle(void)
{
	if (lock_is_used(LOCK_BIT(objects)))
		memory_reclaim();
}
