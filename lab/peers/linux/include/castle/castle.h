/*
 * What the benchmarks use of <castle/castle.h>, on Linux: so that the same sources measure there.
 * The account of time does not exist; whoever asks for it is told nothing, and the figures that
 * need it are left out (init.c runs none).
 */
#ifndef PEERS_LINUX_CASTLE_H
#define PEERS_LINUX_CASTLE_H

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CASTLE_CALL_getpid 20 /* __NR_getpid */

struct castle_account {
	uint64_t user_cycles, kernel_cycles, spinning_cycles, idle_cycles;
	uint32_t entries, contended;
};

struct castle_kernel_page {
	uint32_t cpus, sysenter, application_processors;
	char mode[16], machine[16];
};

static inline const struct castle_kernel_page *castle_kernel_page(void)
{
	static struct castle_kernel_page page;
	const char *machine = getenv("machine");

	if (!page.cpus) {
		page.cpus = sysconf(_SC_NPROCESSORS_ONLN);
		page.sysenter = getauxval(AT_SYSINFO) != 0;
		strcpy(page.mode, "linux");
		strncpy(page.machine, machine ? machine : "unknown", sizeof page.machine - 1);
	}
	return &page;
}

static inline uint32_t castle_program_cpus(void)
{
	return castle_kernel_page()->cpus;
}

static inline int castle_getcpu(void)
{
	return sched_getcpu();
}

static inline int castle_mark(const char *text)
{
	(void)text;
	return 0;
}

static inline int castle_account_start(const char *name)
{
	(void)name;
	return 0;
}

static inline int castle_account_stop(struct castle_account *total)
{
	memset(total, 0, sizeof *total);
	return 0;
}

static inline int castle_futex_wait(uint32_t *word, uint32_t expected, const void *timeout)
{
	return syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, timeout, NULL, 0);
}

static inline int castle_futex_wake(uint32_t *word, int count)
{
	return syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

/* Messages between processes: nothing here is like them, so that what needs them fails, and says
 * so. */
struct castle_message {
	pid_t to;
	uint32_t size;
};

static inline int castle_send(const struct castle_message *message)
{
	(void)message;
	return -ENOSYS;
}

static inline int castle_receive(struct castle_message *message, int flags)
{
	(void)message;
	(void)flags;
	return -ENOSYS;
}

/* Calls without arguments: through the gate, and the way that the C library goes, by the kernel's
 * own page. */
static inline int32_t castle_int80_call0(uint32_t call)
{
	__asm__ volatile("int $0x80" : "+a"(call) : : "memory", "cc");
	return (int32_t)call;
}

static inline int32_t castle_call0(uint32_t call)
{
	__asm__ volatile("call *%%gs:0x10" : "+a"(call) : : "memory", "cc");
	return (int32_t)call;
}

#endif
