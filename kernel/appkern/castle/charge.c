/*
 * What runs on the application processors at a tick of the system timer is charged for it, as the
 * kernel does on its own: so ps shows the time of both.
 */
#include "kernel/appkern/castle/charge.h"

#include "kernel/appkern/castle/native.h"
#include "kernel/appkern/ia32/machine.h"
#include "kernel/appkern/thread.h"
#include "kernel/lock/domain.h"
#include "kernel/proc/process.h"

/*
 * Whatever a processor's current thread is, or was a moment ago: threads are freed on this
 * processor alone, never while they are another one's current, and hold their process by a
 * reference.
 */
static void charge(void)
{
	assert_held(driver);
	for (uint32_t i = 1; i <= application_processor_count; i++) {
		const struct application_thread *current = application_processors[i]->current;
		if (current)
			process_charge_tick(current->owner->process);
	}
}

void charge_init(void)
{
	native_each_tick(charge);
}
