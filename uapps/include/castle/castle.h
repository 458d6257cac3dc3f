/*
 * Castle's own calls for C programs: what POSIX has no name for. The functions set errno and return
 * -1 on failure, as POSIX functions do. The castle_callN() functions at the end enter the kernel
 * directly and return what it returns: zero or more, or a negative errno value.
 */
#ifndef CASTLE_CASTLE_H
#define CASTLE_CASTLE_H

#include <stddef.h>
#include <stdint.h>
#include <castle/abi.h>
#include <castle/info.h>
#include <castle/kernel_page.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Fills at most `size` bytes of `buffer` with information of the given kind (castle/info.h) and
 * returns how many bytes there are, which may be more. EINVAL: unknown kind.
 */
int castle_info(enum castle_info kind, void *buffer, size_t size);

/*
 * Starts to count the cycles of all CPUs in user mode, in the kernel, spinning and idle, for a run
 * of this name (cut at 31 characters; NULL: none). The counts of the run before are lost.
 */
int castle_account_start(const char *name);

/* Stops counting; the sum over all CPUs. Each one's counts: castle_info(CASTLE_INFO_LOCKS). */
int castle_account_stop(struct castle_account *total);

/* The number of the CPU that the caller runs on, from 0. */
int castle_getcpu(void);

/*
 * Ends the machine: under an emulator, with this exit status; or starts it anew (CASTLE_REBOOT).
 * Does not return when it succeeds.
 */
int castle_poweroff(int status);

/* Puts the text's first eight characters into the event log, if it is on (docs/debugging.md). */
int castle_mark(const char *text);

/* The identifier of the calling thread, unique in the system. */
int castle_gettid(void);

/* Bytes that a read of the console would return at once. */
int castle_poll_console(void);

/*
 * Sends a message to the process `message->to`, or, if that is 0, to the one that runs the program
 * `message->name`, which is started if none does. Waits while the receiver has too many messages
 * waiting. Returns the receiver's process identifier. ESRCH: no such process; EINVAL: size; and the
 * errors of posix_spawn().
 */
int castle_send(const struct castle_message *message);

/* Takes the oldest message to this process. Waits for one, or EAGAIN with CASTLE_NOWAIT. */
int castle_receive(struct castle_message *message, int flags);

/* Waits while *word is `expected`, at most for `timeout` unless that is null (ETIMEDOUT). */
int castle_futex_wait(uint32_t *word, uint32_t expected, const struct castle_timespec *timeout);

/* Wakes at most `count` threads that wait on `word`; returns how many. */
int castle_futex_wake(uint32_t *word, int count);

/* The page of facts about the kernel that every program can read. */
static inline const struct castle_kernel_page *castle_kernel_page(void)
{
	return (const struct castle_kernel_page *)CASTLE_KERNEL_PAGE;
}

/* How many CPUs run programs: all that are not for devices, or those of the application kernel. */
static inline uint32_t castle_program_cpus(void)
{
	const struct castle_kernel_page *page = castle_kernel_page();

	return page->application_processors ? page->application_processors
					    : page->cpus - page->device_processors;
}

/* tcc cannot call an absolute address; the interrupt gate does the same. */
#ifdef __TINYC__
#define CASTLE_ENTER_KERNEL "int $0x80"
#else
/* By a name, which the link map defines: tcc links no call of a mere number. */
#define CASTLE_ENTER_KERNEL "call __castle_call_entry"
#endif

/*
 * Enters the kernel the fastest way the processor has, through the stub in the kernel page. The
 * fourth argument travels in %ebp, which the compiler may need itself.
 */
static inline int32_t castle_call4(uint32_t call, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	__asm__ volatile("push %%ebp\n\t"
			 "mov %[d], %%ebp\n\t" CASTLE_ENTER_KERNEL "\n\t"
			 "pop %%ebp"
			 : "+a"(call), [d] "+c"(d)
			 : "b"(a), "S"(b), "D"(c)
			 : "edx", "memory", "cc");
	return (int32_t)call;
}

static inline int32_t castle_call3(uint32_t call, uint32_t a, uint32_t b, uint32_t c)
{
	__asm__ volatile(CASTLE_ENTER_KERNEL
			 : "+a"(call)
			 : "b"(a), "S"(b), "D"(c)
			 : "ecx", "edx", "memory", "cc");
	return (int32_t)call;
}

static inline int32_t castle_call2(uint32_t call, uint32_t a, uint32_t b)
{
	__asm__ volatile(CASTLE_ENTER_KERNEL
			 : "+a"(call)
			 : "b"(a), "S"(b)
			 : "ecx", "edx", "memory", "cc");
	return (int32_t)call;
}

static inline int32_t castle_call1(uint32_t call, uint32_t a)
{
	__asm__ volatile(CASTLE_ENTER_KERNEL : "+a"(call) : "b"(a) : "ecx", "edx", "memory", "cc");
	return (int32_t)call;
}

static inline int32_t castle_call0(uint32_t call)
{
	__asm__ volatile(CASTLE_ENTER_KERNEL : "+a"(call) : : "ecx", "edx", "memory", "cc");
	return (int32_t)call;
}

/* The same through the interrupt gate, which every processor has and which keeps %ecx and %edx. */
static inline int32_t castle_int80_call4(uint32_t call, uint32_t a, uint32_t b, uint32_t c,
					 uint32_t d)
{
	__asm__ volatile("push %%ebp\n\t"
			 "mov %[d], %%ebp\n\t"
			 "int $0x80\n\t"
			 "pop %%ebp"
			 : "+a"(call)
			 : "b"(a), "S"(b), "D"(c), [d] "r"(d)
			 : "memory", "cc");
	return (int32_t)call;
}

static inline int32_t castle_int80_call3(uint32_t call, uint32_t a, uint32_t b, uint32_t c)
{
	__asm__ volatile("int $0x80" : "+a"(call) : "b"(a), "S"(b), "D"(c) : "memory", "cc");
	return (int32_t)call;
}

static inline int32_t castle_int80_call2(uint32_t call, uint32_t a, uint32_t b)
{
	__asm__ volatile("int $0x80" : "+a"(call) : "b"(a), "S"(b) : "memory", "cc");
	return (int32_t)call;
}

static inline int32_t castle_int80_call1(uint32_t call, uint32_t a)
{
	__asm__ volatile("int $0x80" : "+a"(call) : "b"(a) : "memory", "cc");
	return (int32_t)call;
}

static inline int32_t castle_int80_call0(uint32_t call)
{
	__asm__ volatile("int $0x80" : "+a"(call) : : "memory", "cc");
	return (int32_t)call;
}

#ifdef __cplusplus
}
#endif

#endif
