/*
 * Device interrupts. The first level, called with interrupts off and perhaps in the middle of the
 * kernel, only takes note; the work is done at the second level, by supervisor signals
 * (kernel/interrupt/supervisor.h).
 */
#ifndef ARCH_IA32_INTERRUPT_H
#define ARCH_IA32_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/trap.h"

/* Numbers of the devices' interrupt lines on a PC. */
#define INTERRUPT_TIMER      0
#define INTERRUPT_KEYBOARD   1
#define INTERRUPT_COM2       3
#define INTERRUPT_COM1       4
#define INTERRUPT_LINES_8259 16
#define INTERRUPT_LINES      VECTOR_INTERRUPTS_COUNT

/*
 * The processor that devices interrupt, and that alone touches those which are no memory: it counts
 * the ticks, and sends the console's output. The organisation may say another before
 * interrupt_init().
 */
#ifdef CASTLE_SMP
extern uint32_t device_cpu;

/* That processor looks at its devices all the time: it needs no telling. Set with the above. */
extern bool device_cpu_polls;
#else
#define device_cpu 0u
#endif

typedef void (*interrupt_handler_t)(void);

/*
 * The controller's operations: the 8259's, with local APICs behind it in a multiprocessor kernel.
 */
struct interrupt_controller {
	void (*init)(void);
	void (*enable)(uint32_t line);
	/* Called before the handler; false if the interrupt was not real. */
	bool (*acknowledge)(uint32_t line);
};

extern const struct interrupt_controller interrupt_controller_8259;

/* At boot. */
void interrupt_init(const struct interrupt_controller *controller);

/* Calls `handler` on interrupts of this line from now on. One handler a line. At boot. */
void interrupt_register(uint32_t line, interrupt_handler_t handler);

/* An interrupt has come; called by the trap code. First level, interrupts off. */
void interrupt_dispatch(uint32_t line);

#endif
