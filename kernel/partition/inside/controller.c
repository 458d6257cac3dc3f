/*
 * How interrupts come to a partition's processors: through their local APICs. Those of the first
 * partition have the machine's devices behind them, for what is typed.
 */
#include "kernel/partition/inside/controller.h"

#include "arch/ia32/interrupt.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/partition/inside/here.h"

/* The last vector that there is an entry for, in either kernel. */
#define LINE_SPURIOUS (INTERRUPT_LINES - 1)

/* What the kernel before may have left unended, should it have died in a handler. */
#define INTERRUPTS_MOST 16

static void controller_init(void)
{
	if (partition_is_first())
		interrupt_controller_8259.init();
	apic_init_processor(partition_is_first(), LINE_SPURIOUS);
	for (unsigned i = 0; i < INTERRUPTS_MOST; i++)
		apic_end_interrupt();
}

/* The timer, messages and frames come on lines that are the 8259's elsewhere. */
static bool is_apic_line(uint32_t line)
{
	return line == INTERRUPT_TIMER || line == PARTITION_LINE_MESSAGE ||
	       line == PARTITION_LINE_FRAME ||
	       (line >= INTERRUPT_LINES_8259 && line != LINE_SPURIOUS);
}

static bool is_device_line(uint32_t line)
{
	return partition_is_first() && line < INTERRUPT_LINES_8259 && !is_apic_line(line);
}

static void controller_enable(uint32_t line)
{
	if (is_device_line(line))
		interrupt_controller_8259.enable(line);
}

static bool controller_acknowledge(uint32_t line)
{
	if (is_apic_line(line)) {
		apic_end_interrupt();
		return true;
	}
	return is_device_line(line) && interrupt_controller_8259.acknowledge(line);
}

const struct interrupt_controller partition_controller = {
	.init = controller_init,
	.enable = controller_enable,
	.acknowledge = controller_acknowledge,
};
