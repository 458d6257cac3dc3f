/*
 * The locks of processes: each has its own, or all have the giant lock.
 */
#include "kernel/proc/process.h"

void process_lock_used(struct process *process)
{
	if (lock_is_used(LOCK_BIT(process)))
		lock_take(&process->lock, LOCK_DOMAIN_process);
	else
		giant_lock_enter();
}

void process_unlock_used(struct process *process)
{
	if (lock_is_used(LOCK_BIT(process)))
		lock_give(&process->lock, LOCK_DOMAIN_process);
	else
		giant_lock_exit();
}
