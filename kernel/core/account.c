/*
 * The account of time in user mode, kernel and idle.
 */
#include "kernel/core/account.h"

#include <castle/errno.h>
#include <castle/info.h>
#include "arch/ia32/cpu.h"
#include "kernel/core/supervisor.h"
#include "kernel/mem/user_copy.h"

CPU_LOCAL volatile bool account_running;
static CPU_LOCAL struct castle_account account;
static CPU_LOCAL uint64_t last_change;

/* Adds the cycles since the last change to `*cycles`. */
static void account_charge(uint64_t *cycles)
{
	const uint64_t now = cpu_cycles();

	*cycles += now - last_change;
	last_change = now;
}

void account_enter(void)
{
	account_charge(&account.user_cycles);
	account.entries++;
}

void account_leave(void)
{
	account_charge(&account.kernel_cycles);
}

void account_idle_begin(void)
{
	if (account_running)
		account_charge(&account.kernel_cycles);
}

void account_idle_end(void)
{
	if (account_running)
		account_charge(&account.idle_cycles);
}

int32_t sys_account(uint32_t command, uint32_t result)
{
	switch (command) {
	case CASTLE_ACCOUNT_START:
		account = (struct castle_account){ 0 };
		last_change = cpu_cycles();
		account_running = true;
		exit_work_set(EXIT_WORK_ACCOUNT);
		return 0;
	case CASTLE_ACCOUNT_STOP:
		if (account_running)
			account_charge(&account.kernel_cycles);
		account_running = false;
		exit_work_clear(EXIT_WORK_ACCOUNT);
		return copy_to_user(result, &account, sizeof account);
	default:
		return -EINVAL;
	}
}
