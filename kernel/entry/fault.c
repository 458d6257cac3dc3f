/*
 * Faults of programs.
 */
#include "kernel/entry/fault.h"

#include <castle/abi.h>
#include <castle/address_map.h>
#include "arch/ia32/trap.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/measure/statistics.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"
#include "kernel/sched/thread.h"

/* The signal of each exception that a program can cause. All others are SIGSEGV. */
static const uint8_t signals[VECTOR_EXCEPTIONS] = {
	[VECTOR_DIVIDE] = CASTLE_SIGFPE,      [VECTOR_DEBUG] = CASTLE_SIGTRAP,
	[VECTOR_BREAKPOINT] = CASTLE_SIGTRAP, [VECTOR_OVERFLOW] = CASTLE_SIGFPE,
	[VECTOR_ILLEGAL] = CASTLE_SIGILL,     [VECTOR_FPU_ERROR] = CASTLE_SIGFPE,
	[VECTOR_ALIGNMENT] = CASTLE_SIGBUS,   [VECTOR_SIMD_ERROR] = CASTLE_SIGFPE,
};

__attribute__((cold, noinline)) static void refuse(uint32_t signal, const char *reason,
						   uint32_t address)
{
	struct process *process = current_process();

	process_lock(process);
	signal_fault(current_thread, signal, reason, address);
	process_unlock(process);
}

void fault_by_exception(uint32_t vector, const char *name, uint32_t instruction)
{
	const uint32_t signal = signals[vector];

	refuse(signal ? signal : CASTLE_SIGSEGV, name, instruction);
}

void fault_on_page(const struct fault *fault)
{
	enum fault_result result;

	result = container_fault(current_process()->container, fault);
	if (result == FAULT_RESOLVED)
		return;
	statistic_refused++;
	refuse(CASTLE_SIGSEGV, fault_result_text(result, fault), fault->address);
}

bool fault_in_kernel(const struct fault *fault)
{
	if (fault->address < CASTLE_USER_BASE || !current_thread)
		return false;
	return container_fault(current_process()->container, fault) == FAULT_RESOLVED;
}
