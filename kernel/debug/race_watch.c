/*
 * The watch: what the compiler has called for each plain access. There is one for the whole
 * machine, so that an access costs little more than looking at it.
 */
#include "kernel/debug/race.h"

#include "arch/ia32/cpu.h"
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/smp/slot.h"
#include "kernel/lock/domain.h"

#define WAIT_PAUSES 2000 /* in which others get to do something, even where the host is busy */
#define WRITES      (1u << 31) /* of watch_other: addresses of the kernel's text are lower */
#define VALUE_MAX   8u         /* bytes that are compared */

uint32_t race_every SET_AT_BOOT;

static uint32_t watch_taken UNGUARDED("atomic: it admits one processor at a time");
/* The watched access; address 0: none. Only the processor that has taken the watch writes these. */
static uint32_t watch_address UNGUARDED("the processor's that has watch_taken; others read it");
static uint32_t watch_size UNGUARDED("the same");
static bool watch_writes UNGUARDED("the same");
static uint32_t watch_cpu UNGUARDED("the same");
/* Where another processor accessed it, and whether it wrote. */
static uint32_t watch_other UNGUARDED("atomic");

static CPU_LOCAL uint32_t accesses_left, chance;

/* Whether this access and the watched one are a race; then it is told to the other. */
static void look(uint32_t address, uint32_t size, bool writes, uint32_t where)
{
	const uint32_t watched = __atomic_load_n(&watch_address, __ATOMIC_ACQUIRE);
	uint32_t nobody = 0;

	if (!watched || address >= watched + watch_size || watched >= address + size)
		return;
	if (watch_cpu == cpu_number || !(writes || watch_writes))
		return;
	__atomic_compare_exchange_n(&watch_other, &nobody, where | (writes ? WRITES : 0), false,
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static uint64_t value_at(uint32_t address, uint32_t size)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < size && i < VALUE_MAX; i++)
		value = value << 8 | *(const volatile uint8_t *)(address + i);
	return value;
}

static void watch(uint32_t address, uint32_t size, bool writes)
{
	watch_size = size;
	watch_writes = writes;
	watch_cpu = cpu_number;
	watch_other = 0;
	__atomic_store_n(&watch_address, address, __ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < WAIT_PAUSES && !__atomic_load_n(&watch_other, __ATOMIC_RELAXED);
	     i++)
		cpu_pause();
	__atomic_store_n(&watch_address, 0, __ATOMIC_SEQ_CST);
}

/* Interrupts off: what this processor's own would do is no race. */
static void sample(uint32_t address, uint32_t size, bool writes, uint32_t where)
{
	const uint32_t flags = interrupts_save();

	if (!__atomic_exchange_n(&watch_taken, 1, __ATOMIC_ACQUIRE)) {
		const uint64_t before = value_at(address, size);
		uint32_t other;

		watch(address, size, writes);
		other = __atomic_exchange_n(&watch_other, 0, __ATOMIC_SEQ_CST);
		if (other || value_at(address, size) != before)
			race_keep(&(struct race){ { where, writes },
						  { other & ~WRITES, other & WRITES || !other },
						  address,
						  size,
						  cpu_number });
		__atomic_store_n(&watch_taken, 0, __ATOMIC_RELEASE);
	}
	interrupts_restore(flags);
}

/* G. Marsaglia: Xorshift RNGs, 2003. So that loops are not always met at the same place. */
static uint32_t draw(void)
{
	chance = chance ? chance : cpu_number + 1;
	chance ^= chance << 13;
	chance ^= chance >> 17;
	chance ^= chance << 5;
	return chance;
}

/* CPU-local memory is each processor's own, at one address, and devices are not looked at. */
static inline void access(const volatile void *at, uint32_t size, bool writes, uint32_t where)
{
	const uint32_t address = (uint32_t)at;

	if (!race_every || address >= CPU_LOCAL_SLOT)
		return;
	if (__atomic_load_n(&watch_address, __ATOMIC_RELAXED))
		look(address, size, writes, where);
	if (accesses_left-- > 0)
		return;
	accesses_left = draw() % (2 * race_every);
	sample(address, size, writes, where);
}

#define HERE ((uint32_t)__builtin_return_address(0))

/* The names and types are the compiler's. */
#define PLAIN(bytes)                                  \
	void __tsan_read##bytes(void *at);            \
	void __tsan_write##bytes(void *at);           \
	void __tsan_unaligned_read##bytes(void *at);  \
	void __tsan_unaligned_write##bytes(void *at); \
	void __tsan_volatile_read##bytes(void *at);   \
	void __tsan_volatile_write##bytes(void *at);  \
	void __tsan_read##bytes(void *at)             \
	{                                             \
		access(at, bytes, false, HERE);       \
	}                                             \
	void __tsan_write##bytes(void *at)            \
	{                                             \
		access(at, bytes, true, HERE);        \
	}                                             \
	void __tsan_unaligned_read##bytes(void *at)   \
	{                                             \
		access(at, bytes, false, HERE);       \
	}                                             \
	void __tsan_unaligned_write##bytes(void *at)  \
	{                                             \
		access(at, bytes, true, HERE);        \
	}                                             \
	void __tsan_volatile_read##bytes(void *at)    \
	{                                             \
		(void)at;                             \
	}                                             \
	void __tsan_volatile_write##bytes(void *at)   \
	{                                             \
		(void)at;                             \
	}

PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

void __tsan_read_range(void *at, uint32_t size);
void __tsan_write_range(void *at, uint32_t size);
void __tsan_init(void);

void __tsan_read_range(void *at, uint32_t size)
{
	access(at, size, false, HERE);
}

void __tsan_write_range(void *at, uint32_t size)
{
	access(at, size, true, HERE);
}

/* Each object file would have it called before main(); nobody does. */
void __tsan_init(void)
{
}
