/*
 * Where pages of zeros are made, and who takes them: other functions are put into the places of
 * those that are called (arch/ia32/patch.h), so that nothing is tested where this is not used. The
 * idle loop makes pages a piece at a time, with interrupts on, and looks after each piece whether
 * there is something to do: nobody waits longer than for one piece.
 */
#include "kernel/mem/page_zero.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/patch.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/measure/account.h"
#include "kernel/mem/page.h"

/* In place of account_idle_begin(), which the idle loop calls first, interrupts off. */
static void idle_begin(void)
{
	bool more = true;

	while (more && !supervisor_pending()) {
		interrupts_on();
		more = page_zero_make();
		interrupts_off();
	}
	account_idle_begin_now();
}

void page_zero_use(void)
{
	const struct patch_jump allocation = { page_alloc_zeroed, page_zero_alloc };
	const struct patch_jump idle = { account_idle_begin, idle_begin };

	patch_jump(&allocation);
	patch_jump(&idle);
	container_fault_use_zeros();
}
