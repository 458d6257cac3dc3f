/*
 * What the calls do: messages of each kind and their answers, registers, stopping and starting.
 */
#include "../common/tap.h"
#include "pair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile uint32_t answers[4];
static volatile uint32_t *fresh;
static volatile uint32_t counter;
static volatile double sum;

static void call_and_call(void)
{
	answers[0] = marker(11);
	answers[1] = castle_call4(MARKER, 1, 2, 3, 4);
	marker(0);
}

static void test_system_call(void)
{
	const struct pair pair = pair_start(call_and_call);

	ok(pair.id > 0, "a thread is created");
	ok_is(pair_wait(&pair), 0, "its message comes");
	ok_is(pair.area->bootstrap_has_msg, 1, "and says so");
	ok_is(pair.area->nr, CASTLE_APKERN_SYSTEM_CALL, "it is a system call");
	ok_is(pair.area->u.syscall.nr, MARKER, "with its number");
	ok_is(pair.area->u.syscall.arg1, 11, "and its argument");
	ok(pair.area->cpu >= 1, "made on an application processor");
	ok_is(pair_answer(&pair, 1234), 0, "it is answered");
	ok_is(pair_wait(&pair), 0, "a call through the stub");
	ok_is(answers[0], 1234, "the first answer has arrived");
	ok(pair.area->u.syscall.arg1 == 1 && pair.area->u.syscall.arg2 == 2 &&
		   pair.area->u.syscall.arg3 == 3 && pair.area->u.syscall.arg4 == 4,
	   "four arguments");
	pair_answer(&pair, 5678);
	ok_is(pair_wait(&pair), 0, "a third call");
	ok_is(answers[1], 5678, "the second answer has arrived");
	close(pair.fd);
}

static void touch_fresh(void)
{
	*fresh = 77;
	marker(*fresh);
}

static void test_page_fault(void)
{
	struct pair pair;
	int forwarded;

	fresh = (uint32_t *)((char *)sbrk(3 * 4096) + 4096);
	pair = pair_start(touch_fresh);
	ok_is(pair_wait(&pair), 0, "a message of a fault");
	ok_is(pair.area->nr, CASTLE_APKERN_PAGE_FAULT, "it is a page fault");
	ok_is(pair.area->u.page_fault.addr, (long)(uintptr_t)fresh, "at the address");
	ok_is(pair.area->u.page_fault.write, 1, "by a write");
	*fresh = 1;
	pair_answer(&pair, 99);
	forwarded = pair_wait(&pair);
	ok(!forwarded && pair.area->nr == CASTLE_APKERN_SYSTEM_CALL &&
		   pair.area->u.syscall.arg1 == 77,
	   "the instruction was done again");
	close(pair.fd);
}

static void illegal_then_call(void)
{
	__asm__ volatile("movl $5, %%esi; ud2; int $0x80" : : "a"(MARKER), "b"(3) : "esi");
}

static void test_exception(void)
{
	const struct pair pair = pair_start(illegal_then_call);
	struct castle_apkern_registers registers;

	ok_is(pair_wait(&pair), 0, "a message of an exception");
	ok_is(pair.area->nr, CASTLE_APKERN_EXCEPTION, "it is one");
	ok_is(pair.area->u.exception.vector, 6, "an illegal instruction");
	ok_is(pair_registers(&pair, CASTLE_APKERN_GENERAL, &registers), CASTLE_APKERN_FORWARDED,
	      "its registers can be read");
	ok_is(registers.eip, pair.area->pc, "eip is at the instruction");
	ok_is(registers.esi, 5, "esi is the thread's");
	registers.eip += 2;
	registers.ebx = 8;
	ok_is(pair_set_registers(&pair, CASTLE_APKERN_GENERAL, &registers), 0, "and exchanged");
	pair_answer(&pair, 0);
	pair_wait(&pair);
	ok_is(pair.area->u.syscall.arg1, 8, "it goes on with the new ones");
	close(pair.fd);
}

static void count_for_ever(void)
{
	for (;;)
		counter++;
}

static void wait_for_counter(void)
{
	const uint32_t start = counter;

	while (counter == start)
		;
}

static void test_stop(void)
{
	const struct pair pair = pair_start(count_for_ever);
	struct castle_apkern_registers registers;
	uint32_t stopped_at;

	wait_for_counter();
	ok_is(pair_registers(&pair, CASTLE_APKERN_GENERAL, &registers), -EBUSY,
	      "a running thread's registers cannot be read");
	ok_is(pair_set_registers(&pair, CASTLE_APKERN_GENERAL, &registers), -EBUSY, "nor changed");
	ok_is(pair_registers(&pair, CASTLE_APKERN_GENERAL | CASTLE_APKERN_STOP, &registers),
	      CASTLE_APKERN_STOPPED, "it is stopped");
	stopped_at = counter;
	usleep(30000);
	ok_is(counter, stopped_at, "and does not run");
	ok_is(castle_call3(CASTLE_CALL_ioctl, pair.fd, CASTLE_APKERN_THREAD_START, pair.id), 0,
	      "it is started again");
	wait_for_counter();
	ok(true, "and runs");
	close(pair.fd);
	stopped_at = counter;
	usleep(30000);
	ok_is(counter, stopped_at, "closing the device ends it");
}

static void add_up(void)
{
	for (int i = 1; i <= 100; i++) {
		sum += 1.0 / i;
		if (i % 10 == 0)
			marker(i);
	}
	marker(0);
}

/* Two threads that compute with floating-point numbers and leave their processors often. */
static void test_floating_point(void)
{
	volatile double expected = 0; /* rounded after each step, as `sum` is */
	struct pair one, other;
	bool more = true;

	for (int round = 0; round < 2; round++)
		for (int i = 1; i <= 100; i++)
			expected += 1.0 / i;
	sum = 0;
	one = pair_start(add_up);
	while (more) {
		pair_wait(&one);
		more = one.area->u.syscall.arg1 != 0;
		if (more)
			pair_answer(&one, 0);
	}
	other = pair_start(add_up);
	for (more = true; more;) {
		pair_wait(&other);
		more = other.area->u.syscall.arg1 != 0;
		if (more)
			pair_answer(&other, 0);
	}
	ok(sum == expected, "floating-point registers are the thread's own");
	close(one.fd);
	close(other.fd);
}

void test_calls(void)
{
	test_system_call();
	test_page_fault();
	test_exception();
	test_stop();
	test_floating_point();
}
