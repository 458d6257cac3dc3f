/*
 * Routing of device interrupts to their first-level handlers.
 */
#include "arch/ia32/interrupt.h"

#include <stddef.h>
#include "kernel/lock/domain.h"
#include "kernel/measure/statistics.h"
#include "kernel/debug/lock_order.h"
#include "kernel/debug/trace.h"

static const struct interrupt_controller *interrupt_controller SET_AT_BOOT;
static interrupt_handler_t handlers[INTERRUPT_LINES] SET_AT_BOOT;

void interrupt_init(const struct interrupt_controller *controller)
{
	interrupt_controller = controller;
	controller->init();
}

void interrupt_register(uint32_t line, interrupt_handler_t handler)
{
	handlers[line] = handler;
	interrupt_controller->enable(line);
}

void interrupt_dispatch(uint32_t line)
{
	TRACE_COUNT(statistic_interrupts, INTERRUPT, line, 0);
	lock_order_interrupt_begin();
	if (interrupt_controller->acknowledge(line) && handlers[line])
		handlers[line]();
	lock_order_interrupt_end();
}
