/*
 * Floating-point registers belong to what runs: handlers, threads and processes find their own, and
 * nothing of another process's, on processors with and without FXSR.
 */
#include "common/guard.h"
#include "common/handlers.h"
#include "common/tap.h"

#include <castle/castle.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define REGISTERS 8
#define ROUNDS    100

/* --- handlers --------------------------------------------------------------------------------- */

static volatile double result;
static volatile int caught;

/* Uses the registers up, and leaves another precision and rounding behind. */
static void compute(int signal)
{
	const uint16_t control = 0x0c7f; /* single precision, towards zero */

	(void)signal;
	result = sqrt(result + 2.0);
	__asm__ volatile("fninit; fld1; fld1; fld1; fldcw %0" : : "m"(control));
	caught++;
}

/* pi and pi on the stack, a signal, and their sum. */
static void sum_around_signal(void)
{
	uint16_t control_before, control_after;
	double sum;

	set_handler(SIGUSR1, compute);
	__asm__ volatile("fninit; fnstcw %1\n\t"
			 "fldpi; fldpi\n\t"
			 "int $0x80\n\t"
			 "faddp; fstpl %0; fnstcw %2"
			 : "=m"(sum), "=m"(control_before), "=m"(control_after)
			 : "a"(CASTLE_CALL_kill), "b"(getpid()), "S"(SIGUSR1)
			 : "memory", "cc");
	_exit((sum > 6.283 && sum < 6.284 ? 0 : 1) + (control_before == control_after ? 0 : 2) +
	      (caught == 1 ? 0 : 4));
}

/* A thread that used none before the handler did. */
static void first_use_in_handler(void)
{
	uint16_t control;

	set_handler(SIGUSR1, compute);
	kill(getpid(), SIGUSR1);
	__asm__ volatile("fnstcw %0" : "=m"(control));
	_exit(control == 0x37f && caught == 1 ? 0 : 1);
}

/* A handler within a handler. */
static void compute_within(int signal)
{
	double sum;

	(void)signal;
	__asm__ volatile("fldl2e; fldl2e" : : : "memory");
	kill(getpid(), SIGUSR1);
	__asm__ volatile("faddp; fstpl %0" : "=m"(sum));
	caught += sum > 2.885 && sum < 2.886 ? 10 : 0;
}

static void nested_handlers(void)
{
	double sum;

	set_handler(SIGUSR1, compute);
	set_handler(SIGUSR2, compute_within);
	__asm__ volatile("fninit; fldpi; fldpi\n\t"
			 "int $0x80\n\t"
			 "faddp; fstpl %0"
			 : "=m"(sum)
			 : "a"(CASTLE_CALL_kill), "b"(getpid()), "S"(SIGUSR2)
			 : "memory", "cc");
	_exit(sum > 6.283 && sum < 6.284 && caught == 11 ? 0 : 1);
}

/* At any moment: signals from another process while the program computes. */
static void compute_under_fire(void)
{
	const pid_t parent = getpid();
	double wrong = 0;
	pid_t pid;

	set_handler(SIGUSR1, compute);
	pid = fork();
	if (pid == 0)
		for (;;) {
			kill(parent, SIGUSR1);
			usleep(500);
		}
	while (caught < ROUNDS) {
		double sum = 0;

		for (int i = 1; i <= 1000; i++)
			sum += i * 0.5;
		wrong += sum != 250250;
	}
	kill(pid, SIGKILL);
	_exit(wrong == 0 ? 0 : 1);
}

/* A handler that does not return leaves no mark either. */
static sigjmp_buf place;

static void jump(int signal)
{
	compute(signal);
	siglongjmp(place, 1);
}

static void jump_out_of_handler(void)
{
	set_handler(SIGUSR1, jump);
	for (volatile int i = 0; i < ROUNDS; i++)
		if (sigsetjmp(place, 1) == 0)
			kill(getpid(), SIGUSR1);
	_exit(caught == ROUNDS ? 0 : 1);
}

/* --- sse -------------------------------------------------------------------------------------- */

static bool has_sse(void)
{
	uint32_t a = 1, b, c, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	return d & 1u << 25;
}

static void clear_sse(int signal)
{
	(void)signal;
	__asm__ volatile("xorps %%xmm0, %%xmm0; xorps %%xmm7, %%xmm7" : : :);
	caught++;
}

static void sse_around_signal(void)
{
	const float in[4] __attribute__((aligned(16))) = { 1, 2, 3, 4 };
	float out[4] __attribute__((aligned(16)));

	set_handler(SIGUSR1, clear_sse);
	__asm__ volatile("movaps %1, %%xmm7\n\t"
			 "int $0x80\n\t"
			 "movaps %%xmm7, %0"
			 : "=m"(out)
			 : "m"(in), "a"(CASTLE_CALL_kill), "b"(getpid()), "S"(SIGUSR1)
			 : "memory", "cc");
	_exit(memcmp(in, out, sizeof in) == 0 && caught == 1 ? 0 : 1);
}

/* Denormals are zero: a mode that not all processors have (Intel SDM volume 1, section 11.6.6). */
#define DAZ        0x40u
#define MXCSR_USED 0x9f80u /* flush to zero, all exceptions masked */
#define MASK_AT    28      /* in what fxsave writes */

static uint32_t mxcsr_of_processor(void)
{
	static uint8_t image[512] __attribute__((aligned(16)));
	uint32_t mask;

	__asm__ volatile("fxsave %0" : "=m"(image));
	memcpy(&mask, image + MASK_AT, sizeof mask);
	return MXCSR_USED | (mask & DAZ);
}

static void mxcsr_around_signal(void)
{
	const uint32_t mine = mxcsr_of_processor();
	uint32_t after = 0;

	set_handler(SIGUSR1, clear_sse);
	__asm__ volatile("ldmxcsr %0" : : "m"(mine));
	kill(getpid(), SIGUSR1);
	__asm__ volatile("stmxcsr %0" : "=m"(after));
	_exit(after == mine && caught == 1 ? 0 : 1);
}

/* --- between processes ------------------------------------------------------------------------ */

static const uint8_t secret[8] = { 0x53, 0x45, 0x43, 0x52, 0x45, 0x54, 0x21, 0x7e };

/* All eight registers, and as long as another process needs to look. */
static void keep_secret(void)
{
	for (int i = 0; i < REGISTERS; i++)
		__asm__ volatile("fldl %0" : : "m"(secret));
	for (;;)
		sched_yield();
}

static int find_secret(const uint8_t *bytes, unsigned size)
{
	int found = 0;

	/* A double in an 80-bit register: its fraction is shifted. The middle bytes will do. */
	for (unsigned i = 0; i + 10 <= size; i++) {
		double value;
		long double wide;

		memcpy(&wide, bytes + i, 10);
		value = (double)wide;
		found += memcmp(&value, secret, sizeof value) == 0;
	}
	return found;
}

/* What fnsave writes: 28 bytes of state, and the registers whether empty or not. */
static void look_for_secret(void)
{
	static uint8_t image[108];

	__asm__ volatile("fnsave %0" : "=m"(image));
	_exit(find_secret(image + 28, sizeof image - 28));
}

/* Several of them: on one processor each runs where the one with the secret did just before. */
static void test_leak(void)
{
	int found = 0, pids[4];

	for (int i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			keep_secret();
	}
	usleep(50000);
	for (int i = 0; i < 20; i++) {
		const int status = guard_exit(look_for_secret);

		found += status != 0;
		sched_yield();
	}
	for (int i = 0; i < 4; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	ok_is(found, 0, "nothing of another process's registers is seen");
}

/* --- fork and threads ------------------------------------------------------------------------- */

static void fork_keeps(void)
{
	double sum = 0;
	int status;
	pid_t pid;

	__asm__ volatile("fninit; fldpi; fldpi" : : : "memory");
	pid = castle_call0(CASTLE_CALL_fork);
	__asm__ volatile("faddp; fstpl %0" : "=m"(sum));
	if (pid == 0)
		_exit(sum > 6.283 && sum < 6.284 ? 0 : 1);
	waitpid(pid, &status, 0);
	_exit(sum > 6.283 && sum < 6.284 && status == 0 ? 0 : 1);
}

static void *look_at_control(void *argument)
{
	uint16_t control;

	__asm__ volatile("fnstcw %0" : "=m"(control));
	*(int *)argument = control;
	return argument;
}

static void thread_starts_clean(void)
{
	const uint16_t other = 0x0c7f;
	pthread_t thread;
	int control = 0;

	__asm__ volatile("fldcw %0" : : "m"(other));
	pthread_create(&thread, NULL, look_at_control, &control);
	pthread_join(thread, NULL);
	_exit(control == 0x37f ? 0 : 1);
}

int main(void)
{
	ok_is(guard_exit(sum_around_signal), 0, "a handler leaves the registers as they were");
	ok_is(guard_exit(first_use_in_handler), 0, "and unused, if they were");
	ok_is(guard_exit(nested_handlers), 0, "so does one within another");
	ok_is(guard_exit(compute_under_fire), 0, "and many of them, at any moment");
	ok_is(guard_exit(jump_out_of_handler), 0, "and those that jump out");
	if (has_sse())
		ok_is(guard_exit(sse_around_signal), 0, "xmm registers, too");
	if (has_sse())
		ok_is(guard_exit(mxcsr_around_signal), 0, "and all of their modes");
	ok_is(guard_exit(fork_keeps), 0, "fork() copies them");
	ok_is(guard_exit(thread_starts_clean), 0, "a thread starts with clean ones");
	test_leak();
	return done_testing();
}
