/*
 * brk: the call that moves the end of the heap. Memory is given when it is touched and stays when
 * the break moves down again, since nothing is unmapped while the container runs.
 */
#include "kernel/calls/break.h"

#include "kernel/mem/container.h"
#include "kernel/proc/process.h"

int32_t sys_brk(uint32_t address)
{
	struct container *container = current_process()->container;
	uint32_t end;

	lock_acquire(container, &container->lock);
	end = container_set_break(container, address);
	lock_release(container, &container->lock);
	return end;
}
