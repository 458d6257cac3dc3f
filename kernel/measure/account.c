/*
 * The account of time in user mode, kernel, spinning and idle.
 */
#include "kernel/measure/account.h"

#include <castle/errno.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/processors.h"
#include "arch/ia32/trap.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/debug/trace.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/driver_lock.h"
#include "kernel/mem/user_copy.h"

CPU_LOCAL volatile bool account_running;
CPU_LOCAL struct castle_account cpu_account;
static CPU_LOCAL uint64_t last_change;

volatile bool account_watches_idling UNGUARDED("set for good; may be seen late");

static struct driver_lock measure_lock UNGUARDED("a lock");
static char run_name[sizeof((struct castle_lock_profile *)0)->name] GUARDED_BY(driver);

void account_charge(uint64_t *cycles)
{
	const uint64_t now = cpu_cycles();

	*cycles += now - last_change;
	last_change = now;
}

uint64_t account_time(void)
{
	return account_running ? last_change : cpu_cycles();
}

void account_enter(void)
{
	account_charge(&cpu_account.user_cycles);
	cpu_account.entries++;
}

void account_leave(void)
{
	account_charge(&cpu_account.kernel_cycles);
}

__attribute__((cold)) static void idle_begin_watched(void)
{
	if (account_running)
		account_charge(&cpu_account.kernel_cycles);
	TRACE_ACCOUNT(IDLE_BEGIN, 0, 0);
}

__attribute__((cold)) static void idle_end_watched(void)
{
	if (account_running)
		account_charge(&cpu_account.idle_cycles);
	TRACE_ACCOUNT(IDLE_END, 0, 0);
}

PATCH_REPLACED void account_idle_begin(void)
{
	if (account_watches_idling)
		idle_begin_watched();
}

void account_idle_begin_now(void)
{
	if (account_watches_idling)
		idle_begin_watched();
}

void account_idle_end(void)
{
	if (account_watches_idling)
		idle_end_watched();
}

void account_start(void)
{
	cpu_account = (struct castle_account){ 0 };
	last_change = cpu_cycles();
	account_running = true;
	account_watches_idling = true;
	trap_account(true);
	TRACE_ACCOUNT(ACCOUNT, 1, 0);
	exit_work_set(EXIT_WORK_ACCOUNT);
}

void account_stop(uint64_t *cycles)
{
	if (account_running)
		account_charge(cycles);
	TRACE_ACCOUNT(ACCOUNT, 0, 0);
	account_running = false;
	trap_account(false);
	exit_work_clear(EXIT_WORK_ACCOUNT);
}

static int32_t run_start(uint32_t name)
{
	char given[sizeof run_name] = "";

	assert_held(driver);
	if (name) {
		const int length = copy_string_from_user(given, name, sizeof given);
		if (length < 0 && length != -ENAMETOOLONG)
			return length;
		given[sizeof given - 1] = '\0';
	}
	memcpy(run_name, given, sizeof run_name);
	processors_account_start();
	account_start();
	return 0;
}

void account_profile(struct castle_lock_profile *profile)
{
	driver_enter(&measure_lock);
	memset(profile, 0, sizeof *profile);
	memcpy(profile->name, run_name, sizeof profile->name);
	profile->running = account_running;
	profile->cpus = cpu_count;
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		profile->cpu[cpu] = *CPU_LOCAL_OF(cpu, cpu_account);
	driver_leave(&measure_lock);
}

static int32_t run_stop(uint32_t result)
{
	struct castle_account sum = { 0 };

	assert_held(driver);
	account_stop(&cpu_account.kernel_cycles);
	processors_account_stop();
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
		castle_account_add(&sum, CPU_LOCAL_OF(cpu, cpu_account));
	return copy_to_user(result, &sum, sizeof sum);
}

static int32_t account_command(uint32_t command, uint32_t argument)
{
	switch (command) {
	case CASTLE_ACCOUNT_START:
		return run_start(argument);
	case CASTLE_ACCOUNT_STOP:
		return run_stop(argument);
	default:
		return -EINVAL;
	}
}

int32_t sys_account(uint32_t command, uint32_t argument)
{
	int32_t result;

	driver_enter(&measure_lock);
	result = account_command(command, argument);
	driver_leave(&measure_lock);
	return result;
}
