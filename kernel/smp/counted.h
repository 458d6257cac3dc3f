/*
 * A word with a count beside it, changed together by a compare-and-swap of both (cmpxchg8b, IA-32
 * Intel Architecture Software Developer's Manual, Volume 2; Table 2.1's "double-word" of lock-free
 * kernels: Massalin and Pu, A Lock-Free Multiprocessor OS Kernel, 1991). Each change counts up, so
 * that whoever has read the word, and finds the same one again, knows by the count whether it has
 * been another in between (the ABA problem: System/370 Principles of Operation, Appendix A).
 *
 * Contract of all functions here: Any context.
 */
#ifndef KERNEL_SMP_COUNTED_H
#define KERNEL_SMP_COUNTED_H

#include <stdbool.h>
#include <stdint.h>

union counted {
	struct {
		uint32_t word;
		uint32_t count;
	};
	uint64_t both;
} __attribute__((aligned(8)));

/*
 * The two, one after the other: they may not belong together, which counted_change() finds. The
 * count comes first, so that a word is never older than it.
 */
static inline union counted counted_read(const union counted *at)
{
	union counted read;

	read.count = __atomic_load_n(&at->count, __ATOMIC_ACQUIRE);
	read.word = __atomic_load_n(&at->word, __ATOMIC_ACQUIRE);
	return read;
}

/*
 * Writes `wanted` if there is still what was read; then true. A fence, either way.
 *
 * By an instruction, since the compiler has no builtin without floating-point registers. The jump
 * is for QEMU (7.2, TCG with several processors), which takes the other flags from whatever
 * instruction set them before the last jump: an interrupt behind it then came back with flags that
 * were another number, and the trap flag among them.
 */
#ifdef __i386__
static inline bool counted_change(union counted *at, union counted read, union counted wanted)
{
	bool changed;

	asm volatile("jmp 1f\n"
		     "1:	lock cmpxchg8b %1"
		     : "=@ccz"(changed), "+m"(at->both), "+A"(read.both)
		     : "b"(wanted.word), "c"(wanted.count)
		     : "memory");
	return changed;
}
#else
static inline bool counted_change(union counted *at, union counted read, union counted wanted)
{
	return __atomic_compare_exchange_n(&at->both, &read.both, wanted.both, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
#endif

#endif
