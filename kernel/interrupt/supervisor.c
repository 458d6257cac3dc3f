/*
 * Supervisor signals.
 */
#include "kernel/interrupt/supervisor.h"

#include "kernel/lib/assert.h"
#include "kernel/lock/domain.h"

CPU_LOCAL volatile uint32_t kernel_exit_work;

struct handler {
	void (*work)(void);
	struct handler *next; /* of the same signal */
};

#define HANDLERS_MAX 32

static struct handler handlers[HANDLERS_MAX] SET_AT_BOOT;
static uint32_t handler_count SET_AT_BOOT;
static struct handler *first_handlers[SUPERVISOR_COUNT] SET_AT_BOOT;

void supervisor_register(enum supervisor_signal signal, void (*work)(void))
{
	struct handler *handler = &handlers[handler_count++];
	struct handler **end = &first_handlers[signal];

	assert(handler_count <= HANDLERS_MAX);
	while (*end)
		end = &(*end)->next;
	handler->work = work;
	*end = handler;
}

void supervisor_run(void)
{
	uint32_t raised;

	while ((raised = supervisor_pending())) {
		const uint32_t signal = __builtin_ctz(raised);
		exit_work_clear(1u << signal);
		for (struct handler *handler = first_handlers[signal]; handler;
		     handler = handler->next)
			handler->work();
	}
}
