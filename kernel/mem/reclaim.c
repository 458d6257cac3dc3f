/*
 * Everything that is kept ready goes back.
 */
#include "kernel/mem/reclaim.h"

#include "kernel/mem/page_table.h"
#include "kernel/mem/slab.h"

size_t memory_reclaim(void)
{
	return slab_reclaim() + page_table_reclaim();
}
