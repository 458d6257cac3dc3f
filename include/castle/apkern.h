/*
 * The application kernel's interface to the bootstrap thread: the requests of /dev/apkern, the
 * calls of Section 4.3.5 of the thesis under their names there, and the area shared with the
 * application kernel (Figure 4.3). The sixth call, apkern_init, is the driver's own start.
 *
 *	ioctl(fd, request, argument)
 *
 * Arguments are an application thread's identifier, as apkern_thread_create gave it, or the address
 * of a structure. Results are zero or more, or a negative errno value: -EINVAL for a thread that is
 * not this descriptor's or an area that is not fit; -EBUSY for a thread in another state than the
 * request needs; -ENOMEM; -EFAULT; -ENOTTY for any other request. Only the process that opened the
 * device may use the descriptor: -EPERM.
 */
#ifndef CASTLE_APKERN_H
#define CASTLE_APKERN_H

#include <stdint.h>

#define CASTLE_APKERN_DEVICE "/dev/apkern"

/* (area address) -> identifier. A new thread, bound to the calling bootstrap thread; not ready. */
#define CASTLE_APKERN_THREAD_CREATE 0x4101
/* (struct castle_apkern_registers *): sets registers of a thread that does not run. */
#define CASTLE_APKERN_THREAD_EX_REGS 0x4102
/*
 * (struct castle_apkern_registers *): reads them, after stopping the thread if it is asked to. 0,
 * or CASTLE_APKERN_FORWARDED if it has a message outstanding. Without being asked: -EBUSY if it
 * runs or is ready.
 */
#define CASTLE_APKERN_THREAD_GET_REGS 0x4103
/* (identifier): puts a thread that is new, or was stopped, into the ready queue. */
#define CASTLE_APKERN_THREAD_START 0x4104
/*
 * (identifier): the message has been dealt with; the thread becomes ready again, and if it was a
 * system call, has area->u.syscall.ret as its result.
 */
#define CASTLE_APKERN_THREAD_ACTIVATE 0x4105
/*
 * (identifier): waits until the calling thread's area has a message, or until others that were
 * ready have run: a bootstrap thread that finds no message calls again. -EINTR, at once or later,
 * when a signal has come or area->signals is not 0.
 */
#define CASTLE_APKERN_WAIT 0x4106
/* (identifier): CASTLE_APKERN_THREAD_ACTIVATE, then CASTLE_APKERN_WAIT, in one call. */
#define CASTLE_APKERN_ACTIVATE_AND_WAIT 0x4107

/* Results of CASTLE_APKERN_THREAD_GET_REGS. */
#define CASTLE_APKERN_STOPPED   0
#define CASTLE_APKERN_FORWARDED 1

/* What area->nr says that has happened to the application thread. */
enum castle_apkern_message {
	CASTLE_APKERN_SYSTEM_CALL = 1, /* its number and arguments: u.syscall */
	CASTLE_APKERN_PAGE_FAULT,      /* u.page_fault */
	CASTLE_APKERN_EXCEPTION,       /* any other: u.exception */
	CASTLE_APKERN_MOVE,            /* none: it waits for a processor, and is to migrate */
};

/* area->options: what the command line chose for the bootstrap thread. */
#define CASTLE_APKERN_POLL    1u /* apkern.notify=poll: look at bootstrap_has_msg instead of WAIT */
#define CASTLE_APKERN_COMBINE 2u /* apkern.combine=on: use ACTIVATE_AND_WAIT */

/*
 * The shared area, one for each pair of threads. It lies in the program's memory, within one page.
 * The application kernel writes it when the application thread has stopped; what the bootstrap
 * thread answers goes through the driver. Whatever the program writes there, at whatever time,
 * harms nobody but its own threads: of the area, the kernels read bootstrap_has_msg and signals,
 * for whether the bootstrap thread is to wait, and u.syscall.ret, which is the application thread's
 * to judge. What the application thread is blocked for, they remember themselves.
 */
struct castle_apkern_area {
	volatile uint32_t bootstrap_has_msg; /* 1: a message; the bootstrap thread clears it */
	volatile uint32_t nr;                /* enum castle_apkern_message */
	volatile uint32_t pc;      /* where the thread goes on, or the instruction at fault */
	volatile uint32_t cpu;     /* number of the processor that it ran on */
	volatile uint32_t migrate; /* 1: the thread had better run on the boot processor */
	volatile uint32_t signals; /* the bootstrap thread's: signals to deal with, 1 << number */
	volatile uint32_t options; /* CASTLE_APKERN_POLL and so on, set at creation */
	union {
		struct {
			volatile uint32_t nr;
			volatile uint32_t arg1, arg2, arg3, arg4;
			volatile uint32_t ret;
		} syscall;
		struct {
			volatile uint32_t addr;
			volatile uint32_t write;
		} page_fault;
		struct {
			volatile uint32_t vector; /* of the processor's, Intel SDM table 6-1 */
		} exception;
	} u;
};

/* castle_apkern_registers.flags: what is set or wanted. */
#define CASTLE_APKERN_GENERAL 1u /* edi to esp */
#define CASTLE_APKERN_TLS     2u
#define CASTLE_APKERN_FPU     4u /* get: cleared if the thread has never used it */
#define CASTLE_APKERN_STOP    8u /* get: stop the thread if it runs, is ready or sleeps */
/*
 * get: with STOP's effect; the calling thread runs the program's code itself from now on, on the
 * boot processor. -EAGAIN if it had better not. CASTLE_APKERN_THREAD_EX_REGS ends that.
 */
#define CASTLE_APKERN_LEAVE 16u

#define CASTLE_APKERN_FPU_SIZE 512

/* The register context of an application thread. */
struct castle_apkern_registers {
	uint32_t thread; /* identifier */
	uint32_t flags;
	uint32_t edi, esi, ebp, ebx, edx, ecx, eax;
	uint32_t eip, eflags, esp;
	uint32_t tls; /* base of %gs */
	uint32_t unused[3];
	/* As fxsave leaves it, or fnsave on processors without that; 16-byte alignment for fxrstor.
	 */
	uint8_t fpu[CASTLE_APKERN_FPU_SIZE] __attribute__((aligned(16)));
};

#endif
