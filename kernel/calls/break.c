/*
 * brk: the call that moves the end of the heap. Memory is given when it is touched and stays when
 * the break moves down again, since nothing is unmapped while the container runs.
 */
#include "kernel/calls/break.h"

#include <castle/address_map.h>
#include "kernel/mem/container.h"
#include "kernel/proc/limit.h"
#include "kernel/proc/process.h"

/* All of the program's data counts, from where they begin. */
static bool is_allowed(const struct process *process, uint32_t address)
{
	const uint32_t size = address - CASTLE_DATA_BASE;

	return address < CASTLE_DATA_BASE || (size <= limit_of(process, CASTLE_LIMIT_DATA) &&
					      size <= limit_of(process, CASTLE_LIMIT_AS));
}

int32_t sys_brk(uint32_t address)
{
	const struct process *process = current_process();
	struct container *container = process->container;
	uint32_t end;

	lock_acquire(container, &container->lock);
	if (process->limits && !is_allowed(process, address))
		address = 0;
	end = container_set_break(container, address);
	lock_release(container, &container->lock);
	return end;
}
