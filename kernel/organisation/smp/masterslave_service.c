/*
 * What slaves hand over, as the master does it: calls and exceptions; and what it asks of them:
 * to leave a container.
 */
#include <castle/abi.h>
#include <castle/errno.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/trap.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/container.h"
#include "kernel/organisation/smp/masterslave.h"
#include "kernel/sched/wait_queue.h"
#include "kernel/smp/cross_call.h"

/* The container that slaves are to leave. */
static const struct container *forgotten GUARDED_BY(remote);

int32_t masterslave_call(struct thread *thread)
{
	const uint32_t number = thread->frame.eax;

	if (number >= CASTLE_CALL_COUNT)
		return -ENOSYS;
	if (number == CASTLE_CALL_getcpu)
		return thread->place.cpu;
	return call_restart(thread);
}

/*
 * What an exception leaves in eax is the thread's own, and may look like CALL_BLOCKED: no
 * continuation for the scheduler, but for serve() alone.
 */
int32_t masterslave_trap(struct thread *thread)
{
	if (thread->frame.vector == VECTOR_PAGE_FAULT)
		cr2_write(thread->frame.pusha_esp);
	trap_from_user(&thread->frame);
	return thread->frame.eax;
}

/* First level, on a slave: which may be in another one by now. */
static void forget_here(void)
{
	if (active_container == forgotten)
		container_deactivate();
}

void masterslave_forget(const struct container *container)
{
	uint32_t targets = 0;

	forgotten = container;
	for (uint32_t cpu = MASTER + 1; cpu < cpu_count; cpu++)
		if (*CPU_LOCAL_OF(cpu, active_container) == container)
			targets |= 1u << cpu;
	if (targets)
		cross_call(targets, forget_here);
}
