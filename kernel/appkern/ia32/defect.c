/*
 * The application kernel's last words.
 */
#include "kernel/appkern/ia32/defect.h"

#include <stdbool.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/trap.h"
#include "kernel/appkern/castle/native.h"
#include "kernel/appkern/ia32/notify.h"
#include "kernel/appkern/ia32/processor.h"

static volatile uint32_t defect_taken UNGUARDED("atomic: one processor has the last word");
static volatile bool defect_complete UNGUARDED("of the processor that has the last word");
static struct trap_frame defect_frame UNGUARDED("complete before defect_complete says so");
static uint32_t defect_processor UNGUARDED("complete before defect_complete says so");
static uint32_t defect_address UNGUARDED("complete before defect_complete says so");

void defect_report(const struct trap_frame *frame)
{
	if (!__atomic_exchange_n(&defect_taken, 1, __ATOMIC_SEQ_CST)) {
		defect_frame = *frame;
		defect_processor = this_processor->number;
		defect_address = cr2_read();
		defect_complete = true;
		notify_boot_processor();
	}
	cpu_halt_forever();
}

void defect_check(void)
{
	lock_report_check();
	if (defect_complete)
		native_panic(&defect_frame, "%s in the application kernel, CPU %u, address %08x",
			     trap_name(defect_frame.vector), defect_processor, defect_address);
}
