/*
 * What runs on the application processors at a tick of the system timer is charged for it, as the
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
 * Whatever a processor's current thread is, or was a moment ago: threads are freed on this
 * processor alone, never while they are another one's current, and hold their process by a
 * reference.
 */
static void charge(struct timer *again)
{
	assert_held(driver);
	for (uint32_t i = 1; i <= application_processor_count; i++) {
		const struct application_thread *current = application_processors[i]->current;
		if (current)
			process_charge_tick(current->owner->process);
	}
	timer_start(again, 1);
}

void charge_init(void)
{
	timer_prepare(&timer, charge);
	timer_start(&timer, 1);
}
