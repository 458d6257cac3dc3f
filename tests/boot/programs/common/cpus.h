/*
 * What tests on several CPUs share.
 */
#ifndef TESTS_BOOT_COMMON_CPUS_H
#define TESTS_BOOT_COMMON_CPUS_H

#include <castle/castle.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>

/* How many CPUs the kernel runs on; an application kernel's are not among them. */
static inline uint32_t kernel_cpu_count(void)
{
	return castle_kernel_page()->cpus - castle_kernel_page()->application_processors;
}

/* How many of these run programs: those that do nothing but devices do not. */
static inline uint32_t kernel_program_cpu_count(void)
{
	return kernel_cpu_count() - castle_kernel_page()->device_processors;
}

/* How many run programs: the application kernel's, where there is one. */
static inline uint32_t cpu_count(void)
{
	return castle_program_cpus();
}

/* A thread that waited may go on elsewhere: on the application kernel, and on slaves. */
static inline bool threads_move(void)
{
	return castle_kernel_page()->application_processors ||
	       strcmp(castle_kernel_page()->mode, "masterslave") == 0;
}

/* Whether the caller is on this CPU still, where threads stay. */
static inline bool stays_on(int cpu)
{
	return threads_move() || castle_getcpu() == cpu;
}

static inline uint64_t cycles_now(void)
{
	uint64_t cycles;
	__asm__ volatile("rdtsc" : "=A"(cycles));
	return cycles;
}

static inline void spin_pause(void)
{
	__asm__ volatile("pause" ::: "memory");
}

struct castle_smp_info smp_counters(void);

/* What the kernel says of a process; all zero if there is none. */
struct castle_process_info process_info(pid_t pid);

/* Whether there are so many CPUs; if not, reports the test as one that was left out. */
bool ok_if_cpus(uint32_t needed, const char *name);
bool ok_if_kernel_cpus(uint32_t needed, const char *name);

/*
 * Starts processes that spin in user mode, one on each CPU of the kernel that runs programs, at a
 * priority below the default: whatever has a still lower one does not run. The calling program,
 * started with the argument OCCUPY_ARGUMENT, must call occupy_cpu(). Returns how many CPUs are
 * occupied.
 */
#define OCCUPY_ARGUMENT "occupy-a-cpu"
uint32_t occupy_cpus(const char *program);
__attribute__((noreturn)) void occupy_cpu(void);
void release_cpus(void);

#endif
