/*
 * The bootstrap thread of the application kernel approach (thesis, Section 4.3): the user-level
 * half. The other half is the driver, castle/apkern.h.
 *
 * The life of a pair
 *
 * A process that runs on the application kernel has two threads for each one that its program
 * knows. The program's code runs in the application thread, on the application processors. Its
 * bootstrap thread is an ordinary thread of the kernel, on the boot processor: it is the one that
 * has a thread identifier, a signal mask, and that waits in the kernel. When the application thread
 * makes a system call or faults, the application kernel describes that in the area of the pair and
 * takes the thread off its processor. The bootstrap thread does the same operation itself and then
 * activates the application thread again (Figure 4.2).
 *
 *	start	__castle_start() runs in the first thread. It stays where it is, on the initial
 *		stack, and becomes the bootstrap thread; the application thread starts on the same
 *		stack, BOOTSTRAP_SIZE bytes below (Section 4.4.3). Of further threads the same is
 *		true, on a stack that the kernel assigned, unless the program brings a stack: that
 *		one is the application thread's alone.
 *	calls	bootstrap_loop(). Most calls are made just as they were forwarded, with the
 *		arguments of the message; bootstrap_calls.c has the few that concern the thread
 *		itself, like fork (Figure 4.5).
 *	signals	reach the bootstrap thread. Its loop then makes the application thread enter the
 *		program's handler: bootstrap_signal.c.
 *	end	A program's exit, or its last thread's, is performed like any other call and does
 *		not return. A fault that ends the process must be the kernel's to report, so the
 *		bootstrap thread takes the application thread's place: it becomes native, that is
 *		an ordinary thread again, and repeats the instruction at fault. It does the same
 *		for a while when the driver finds that the thread had better run there:
 *		bootstrap_native.c.
 *
 * The bootstrap thread has little stack and its own %gs, so it uses nothing of the C library but
 * castle_callN().
 */
#ifndef CASTLE_LIB_BOOTSTRAP_H
#define CASTLE_LIB_BOOTSTRAP_H

#include <stdbool.h>
#include <stdint.h>
#include <castle/apkern.h>
#include <castle/castle.h>
#include "result.h"

/* What a bootstrap thread keeps of a stack that it shares with its application thread. */
#define BOOTSTRAP_SIZE 2176

/* What %gs names in a bootstrap thread. */
struct bootstrap_head {
	struct bootstrap_head *self;
	void *native;          /* null: where struct __castle_thread has its struct _reent */
	uint32_t old_mask;     /* the thread's signal mask while signals wait to be delivered */
	uint32_t old_realtime; /* its second word */
	uint32_t realtime;     /* the real-time signal that waits */
	struct castle_signal_info info; /* what there is to tell of what waits */
	volatile uint32_t *signals;     /* that wait for it, 1 << number */
};

/*
 * What a new bootstrap thread is told by the one that creates it, in whose block it lies. As long
 * as the new thread has no block of its own, this serves for signals.
 */
struct bootstrap_request {
	struct bootstrap_head head;
	volatile uint32_t signals;
	volatile uint32_t busy; /* 1 until the new thread needs it no more */
	int32_t fd;
	struct castle_thread thread; /* the program's request */
};

/* Page faults of the application thread that go through memory, one after the other. */
struct bootstrap_stream {
	uint32_t next; /* page behind those that have been touched */
	uint32_t row;  /* how many faults there were: a bit each */
	bool quick;    /* the next fault came before those ahead of it had been touched */
};

#define BOOTSTRAP_STREAMS 4

#define EFLAGS_START 0x202u /* interrupts on, and the bit that is always set */

/* Exceptions by the processor's numbers (Intel SDM volume 3, table 6-1). */
enum bootstrap_vector {
	VECTOR_DIVISION = 0,
	VECTOR_DEBUG = 1,
	VECTOR_INT3 = 3,
	VECTOR_INTO = 4,
	VECTOR_ILLEGAL = 6,
	VECTOR_X87 = 16,
	VECTOR_UNALIGNED = 17,
	VECTOR_SSE = 19,
};

/* The block of a bootstrap thread. */
struct bootstrap {
	struct bootstrap_head head; /* first: %gs:0 */
	int32_t fd;                 /* of the driver */
	int32_t thread;             /* identifier of the application thread */
	uint32_t restart;           /* 1: a signal came first, what was forwarded must come again */
	struct bootstrap_stream streams[BOOTSTRAP_STREAMS];
	uint32_t stream_oldest;          /* the one to replace, modulo their number */
	struct bootstrap_stream *stream; /* to touch while the thread goes on */
	struct castle_apkern_area area __attribute__((aligned(64)));
	struct castle_apkern_registers registers;
	struct bootstrap_request request;
};

/*
 * Enough for the deepest path here, as gcc's -fstack-usage has it, and a signal frame with
 * floating-point registers below it.
 */
#define BOOTSTRAP_STACK 1248

_Static_assert(sizeof(struct bootstrap) + BOOTSTRAP_STACK <= BOOTSTRAP_SIZE,
	       "the bootstrap thread's block leaves too little stack");
_Static_assert(sizeof(struct castle_apkern_area) <= 64, "the area may cross a page's end");

static inline int32_t bootstrap_driver(const struct bootstrap *b, uint32_t request,
				       uint32_t argument)
{
	return castle_call3(CASTLE_CALL_ioctl, b->fd, request, argument);
}

/* Reads the application thread's registers; `flags` and the result are castle/apkern.h's. */
static inline int32_t bootstrap_get_registers(struct bootstrap *b, uint32_t flags)
{
	b->registers.flags = flags;
	return bootstrap_driver(b, CASTLE_APKERN_THREAD_GET_REGS, address(&b->registers));
}

static inline int32_t bootstrap_set_registers(struct bootstrap *b)
{
	return bootstrap_driver(b, CASTLE_APKERN_THREAD_EX_REGS, address(&b->registers));
}

/*
 * Whether the word at `place` can be read or written: the kernel copies it and takes page faults on
 * the way, like the program's own access would, but a bad address is -EFAULT to it and no signal.
 * What is writable is overwritten. To the kernel, 0 says that there is no such word.
 */
static inline bool bootstrap_can_read(uint32_t place)
{
	const uint32_t no_such_way = ~0u;

	return place && castle_call3(CASTLE_CALL_sigprocmask, no_such_way, place, 0) != -EFAULT;
}

static inline bool bootstrap_can_write(uint32_t place)
{
	return place && castle_call3(CASTLE_CALL_sigprocmask, 0, 0, place) != -EFAULT;
}

/* bootstrap.c */

/*
 * Makes the calling thread, a process's first, a bootstrap thread, whose application thread calls
 * entry(argument) with %gs at `tls`. Returns only if it cannot.
 */
void bootstrap_start(void (*entry)(uint32_t *), uint32_t *argument, uint32_t tls);

/* Creates the application thread with b->registers. Negative if that fails. */
int32_t bootstrap_create(struct bootstrap *b);

/* The same in the child of a fork, which has the descriptor of the parent. */
int32_t bootstrap_recreate(struct bootstrap *b);

/* Starts the application thread and serves it from then on. */
__attribute__((noreturn)) void bootstrap_loop(struct bootstrap *b);

/* Where a new bootstrap thread begins; the kernel puts the argument on its stack. */
__attribute__((noreturn)) void bootstrap_thread(struct bootstrap_request *request);

/*
 * Makes the forwarded call and stores its result in the area; or, if a signal came first, sets
 * b->restart and leaves the call alone. The calling thread is found by %gs.
 */
static inline void bootstrap_perform(void)
{
	__asm__ volatile("call bootstrap_perform_call"
			 :
			 :
			 : "eax", "ebx", "ecx", "edx", "esi", "edi", "memory", "cc");
}

/*
 * bootstrap_calls.c: calls that are not simply made, by number. They return the driver's request by
 * which the application thread goes on.
 */
typedef uint32_t (*bootstrap_call)(struct bootstrap *b);
extern const bootstrap_call bootstrap_calls[CASTLE_CALL_COUNT];

#include "bootstrap_posix.h"

/* bootstrap_signal.c */

/* What the kernel pushes for a handler (struct castle_signal_frame). */
struct signal_frame {
	uint32_t restorer;
	uint32_t signal;
	uint32_t mask;
	uint32_t fpu; /* where the floating-point registers are, CASTLE_APKERN_FPU_SIZE bytes; or 0
		       */
	uint32_t edi, esi, ebp, pusha_esp, ebx, edx, ecx, eax;
	uint32_t vector, error;
	uint32_t eip, cs, eflags, esp, ss;
	uint32_t realtime;
	struct castle_signal_info info;
};

void bootstrap_registers_from_frame(struct castle_apkern_registers *registers,
				    const struct signal_frame *frame);
void bootstrap_registers_to_frame(const struct castle_apkern_registers *registers,
				  struct signal_frame *frame);

/* The stack for handlers of the calling thread; flags are 0 or CASTLE_SS_DISABLE. */
struct castle_stack bootstrap_signal_stack(void);

/* sigaction() as the program means it: with its own handlers in place of the relay. */
int32_t bootstrap_sigaction(uint32_t signal, uint32_t action, uint32_t old_action);

/* Has CASTLE_SIGRECALL come to the relay. Negative if that fails. */
int32_t bootstrap_watch_recall(void);

/* sigaction() as the program means it: with its own handlers in place of the relay. */
int32_t bootstrap_sigaction(uint32_t signal, uint32_t action, uint32_t old_action);

/* Has CASTLE_SIGRECALL come to the relay. Negative if that fails. */
int32_t bootstrap_watch_recall(void);

/* Sends the process a signal anew: the kernel knows best what is to be done with it. */
void bootstrap_send_signal(uint32_t signal, uint32_t value);

/* The signal that area.signals says is waiting. */
uint32_t bootstrap_waiting_signal(const struct bootstrap *b);

/* Both words of the calling thread's mask. */
struct castle_signal_set bootstrap_mask(void);

/* Lets the application thread, which does not run, take the signals of area.signals. */
uint32_t bootstrap_deliver_signals(struct bootstrap *b, uint32_t request);

/* From here on no signal comes; head.old_mask is the thread's mask. */
void bootstrap_block_signals(struct bootstrap *b);
void bootstrap_restore_mask(const struct bootstrap *b);

/* The application thread caused a signal: it takes it, or the process ends. */
uint32_t bootstrap_fault(struct bootstrap *b, uint32_t signal, uint32_t place);

/* What was forwarded happens again on the boot processor, and the thread stays there. */
__attribute__((noreturn)) void bootstrap_repeat_natively(struct bootstrap *b);

/* bootstrap_native.c */

/* The calling thread goes on with b->registers, in place of the application thread. */
__attribute__((noreturn)) void bootstrap_become_native(struct bootstrap *b);

/*
 * The same, with the result of a forwarded call, until the driver sends CASTLE_SIGRECALL.
 * Returns if the application thread is not one to do that with, or the driver has no room for it.
 */
void bootstrap_migrate(struct bootstrap *b);

/* CASTLE_SIGRECALL came to a native thread. Returns if it has to stay native. */
void bootstrap_recall(const struct signal_frame *frame);

/* Fills `state` with the floating-point registers that a thread starts with. */
void bootstrap_start_fpu(uint8_t *state);

#endif
