/*
 * Supervisor signals.
 */
#include "kernel/interrupt/supervisor.h"

#include "kernel/lock/domain.h"

CPU_LOCAL volatile uint32_t kernel_exit_work;

/* The first handler of each signal. */
static struct supervisor_handler *handlers[SUPERVISOR_COUNT] SET_AT_BOOT;

void supervisor_add(enum supervisor_signal signal, struct supervisor_handler *handler)
{
	struct supervisor_handler **end = &handlers[signal];

	while (*end)
		end = &(*end)->next;
	*end = handler;
}

void supervisor_run(void)
{
	uint32_t raised;

	assert_held(kernel);
	while ((raised = supervisor_pending())) {
		const uint32_t signal = __builtin_ctz(raised);
		exit_work_clear(1u << signal);
		for (struct supervisor_handler *handler = handlers[signal]; handler;
		     handler = handler->next)
			handler->work();
	}
}
