/*
 * Who runs on the application processors at a tick of the system timer is charged for it, as the
 * kernel does on its own: so ps shows the time of both.
 */
#include "kernel/appkern/charge.h"

#include "kernel/appkern/processor.h"
#include "kernel/appkern/thread.h"
#include "kernel/lock/domain.h"
#include "kernel/proc/process.h"
#include "kernel/time/timer.h"

static struct timer timer GUARDED_BY(timers);

/*
 * The process that the processor runs a thread of; 0: none. A thread is freed on this processor
 * alone, and never while it is another one's current: so what is there can be looked at.
 */
static int32_t running_pid(const struct application_processor *processor)
{
	const struct application_thread *current = processor->current;

	return current ? current->pid : 0;
}

static void charge(struct timer *again)
{
	for (uint32_t i = 1; i <= application_processor_count; i++) {
		struct process *process = process_find(running_pid(application_processors[i]));
		if (process) {
			process_charge_tick(process);
			process_release(process);
		}
	}
	timer_start(again, 1);
}

void charge_init(void)
{
	timer_prepare(&timer, charge);
	timer_start(&timer, 1);
}
