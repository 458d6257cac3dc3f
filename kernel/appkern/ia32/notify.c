/*
 * The interrupt from one processor to the first, and its first level there.
 */
#include "kernel/appkern/ia32/notify.h"

#include "arch/ia32/interrupt.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/appkern/castle/native.h"
#include "kernel/appkern/ia32/defect.h"

static uint32_t boot_line SET_AT_BOOT, boot_apic_id SET_AT_BOOT;

void notify_boot_processor(void)
{
	apic_send(boot_apic_id, boot_line);
}

/* First level. */
static void notify_interrupt(void)
{
	apic_end_interrupt();
	defect_check();
	native_work_raise();
}

void notify_init(uint32_t line, void (*work)(void))
{
	boot_line = line;
	boot_apic_id = apic_id();
	native_work_register(work);
	interrupt_register(line, notify_interrupt);
}
