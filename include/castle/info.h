/*
 * What info() and account() report: the facts behind ps, mem, cpus and the benchmarks.
 */
#ifndef CASTLE_INFO_H
#define CASTLE_INFO_H

#include <stdint.h>

/* Kinds of info(). Arrays are filled as far as the buffer reaches; the result is the full size. */
enum castle_info {
	CASTLE_INFO_PROCESSES = 1,     /* struct castle_process_info[] */
	CASTLE_INFO_MEMORY = 2,        /* struct castle_memory_info */
	CASTLE_INFO_CPUS = 3,          /* struct castle_cpu_info[] */
	CASTLE_INFO_RUN = 4,           /* the run= string of the command line, NUL-terminated */
	CASTLE_INFO_BOOT = 5,          /* struct castle_boot_info */
	CASTLE_INFO_CACHES = 6,        /* struct castle_cache_info[], the slab caches */
	CASTLE_INFO_SMP = 7,           /* struct castle_smp_info */
	CASTLE_INFO_LOCKS = 8,         /* struct castle_lock_profile, of the last account() run */
	CASTLE_INFO_STATISTICS = 9,    /* struct castle_statistics[], one for each CPU */
	CASTLE_INFO_LOCK_CLASSES = 10, /* struct castle_lock_class_info[], of those that are used */
};

struct castle_process_info {
	int32_t pid;
	int32_t parent;
	uint32_t threads;
	uint32_t state; /* 'R' running or ready, 'S' waiting, 'T' stopped, 'Z' ended and not waited
			   for */
	uint32_t pages; /* that the container owns, page tables and directories included */
	uint32_t directory; /* 0: runs in the global page directory; else its page directories */
	int32_t priority;
	uint32_t user_ticks;
	int32_t cpu; /* that its first thread stays on; -1: none yet, or affinity is off */
	char program[32];
};

struct castle_memory_info {
	uint32_t total_pages;   /* that the page allocator manages */
	uint32_t free_pages;    /* free for any use, caches of ready-made pages included */
	uint32_t slab_pages;    /* held by kernel object caches */
	uint32_t kernel_bytes;  /* the kernel's image */
	uint32_t package_bytes; /* boot modules: code packages and files */
};

struct castle_cpu_info {
	uint32_t cpu;
	uint32_t apic;
	uint32_t running; /* pid of the process that runs there, 0 when idle */
	uint32_t switches;
	uint32_t interrupts;
	uint32_t idle_ticks;
	uint32_t ticks;
	char brand[48];
};

/* Cycle counter values (rdtsc) on the way from the boot loader to the first program. */
struct castle_boot_info {
	uint64_t entry_cycles;      /* at the kernel's first instruction */
	uint64_t first_user_cycles; /* just before the first instruction in user mode */
	uint32_t cycles_per_ms;     /* measured against the timer; 0: not yet known */
	uint32_t tick_hz;
};

struct castle_cache_info {
	char name[16];
	uint32_t object_size;
	uint32_t in_use;
	uint32_t pages;
};

#define CASTLE_CPUS_MAX 32

/* What several processors cost beyond one, counted since boot. */
struct castle_smp_info {
	uint32_t directories_made; /* further page directories, for a container's second CPU on */
	uint32_t faults_copied;    /* spurious faults answered by copying a directory entry */
	uint32_t faults_stale;     /* spurious faults on a page that is there: a stale TLB entry */
	uint32_t reschedules;      /* interrupts sent to make another CPU look at its work */
	uint32_t evictions;        /* threads ended while they ran on another CPU */
};

/*
 * The locks of one domain (kernel/lock/domains.h), since boot, in an organisation in which code
 * takes locks: with the lock at the kernel's door there are none.
 */
struct castle_lock_class_info {
	char name[16];
	uint32_t taken;
	uint32_t contended; /* of those, how often another CPU had it */
	uint64_t waited;    /* cycles that CPUs waited then */
};

/* What a CPU has counted since boot, modulo 2^32; castle/statistics.h says what. */
struct castle_statistics {
#define STATISTIC(subsystem, name, what) uint32_t name;
#include <castle/statistics.h>
};

/*
 * Commands of account(): user, kernel, spinning and idle time by the cycle counter, read at kernel
 * entry, when the giant lock is held, and at exit. A run has a name of up to 31 characters.
 */
#define CASTLE_ACCOUNT_START 1 /* (name or 0): clear the counts of all CPUs and start */
#define CASTLE_ACCOUNT_STOP  2 /* (struct castle_account *): stop; the sum over all CPUs */

struct castle_account {
	uint64_t user_cycles;
	uint64_t kernel_cycles;   /* in the kernel: holding the giant lock, where there is one */
	uint64_t spinning_cycles; /* waiting for the giant lock */
	uint64_t idle_cycles;
	uint32_t entries;   /* into the kernel from user mode */
	uint32_t contended; /* of those, the ones that found the giant lock taken */
};

/* Adds `account` to `sum`, as CASTLE_ACCOUNT_STOP does for all CPUs. */
static inline void castle_account_add(struct castle_account *sum,
				      const struct castle_account *account)
{
	sum->user_cycles += account->user_cycles;
	sum->kernel_cycles += account->kernel_cycles;
	sum->spinning_cycles += account->spinning_cycles;
	sum->idle_cycles += account->idle_cycles;
	sum->entries += account->entries;
	sum->contended += account->contended;
}

/* The measurement behind Table 3.1 of the thesis, CPU by CPU. */
struct castle_lock_profile {
	char name[32];    /* of the run; empty: there was none since boot */
	uint32_t running; /* 1: it has not been stopped yet, and the counts are not final */
	uint32_t cpus;
	struct castle_account cpu[CASTLE_CPUS_MAX];
};

#endif
