/*
 * The first instructions of a further processor lie in one page below 1 MB (boot/trampoline.h),
 * which is the machine's: the monitor and the kernels of partitions use it in turn.
 */
#ifndef KERNEL_PARTITION_TRAMPOLINE_H
#define KERNEL_PARTITION_TRAMPOLINE_H

#include "arch/ia32/cpu.h"
#include "kernel/partition/area.h"

#define TRAMPOLINE_OF_MONITOR (PARTITIONS_MAX + 1)

/*
 * Waits until it is nobody's, and has it: `owner` is a partition's number or the monitor. At boot.
 */
static inline void trampoline_take(struct partition_area *area, uint32_t owner)
{
	uint32_t nobody = 0;

	while (!__atomic_compare_exchange_n(&area->trampoline_owner, &nobody, owner, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
		nobody = 0;
		cpu_pause();
	}
}

/*
 * The owner, or who has ended it, gives it back; nothing happens if it is not the owner's. Any
 * context.
 */
static inline void trampoline_give_back(struct partition_area *area, uint32_t owner)
{
	__atomic_compare_exchange_n(&area->trampoline_owner, &owner, 0, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
}

#endif
