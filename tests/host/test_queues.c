/*
 * The ready queue and the timing wheel.
 */
#include "kernel/sched/ready_queue.h"
#include "kernel/time/timer.h"
#include "tests/host/support.h"

START_TEST(highest_priority_first)
{
	struct ready_queue queue;
	struct list nodes[32][2];

	ready_queue_init(&queue);
	ck_assert_ptr_null(ready_queue_take(&queue));
	for (unsigned priority = 32; priority-- > 0;)
		for (int i = 0; i < 2; i++)
			ready_queue_insert(&queue, &nodes[priority][i], priority);
	for (unsigned priority = 0; priority < 32; priority++)
		for (int i = 0; i < 2; i++)
			ck_assert_ptr_eq(ready_queue_take(&queue), &nodes[priority][i]);
	ck_assert_ptr_null(ready_queue_take(&queue));
}
END_TEST

START_TEST(front_and_removal)
{
	struct ready_queue queue;
	struct list a, b, c;

	ready_queue_init(&queue);
	ready_queue_insert(&queue, &a, 5);
	ready_queue_insert(&queue, &b, 5);
	ready_queue_insert_front(&queue, &c, 5);
	ready_queue_remove(&queue, &a, 5);
	ck_assert_ptr_eq(ready_queue_take(&queue), &c);
	ck_assert_ptr_eq(ready_queue_take(&queue), &b);
	ck_assert_ptr_null(ready_queue_take(&queue));
}
END_TEST

START_TEST(has)
{
	struct ready_queue queue;
	struct list node;

	ready_queue_init(&queue);
	for (unsigned priority = 0; priority < 32; priority++) {
		ready_queue_insert(&queue, &node, priority);
		for (unsigned asked = 0; asked < 32; asked++)
			ck_assert_int_eq(ready_queue_has(&queue, asked), priority <= asked);
		ready_queue_remove(&queue, &node, priority);
	}
}
END_TEST

static struct timer timers[3];
static uint32_t expired_at[3];

static void note_expiry(struct timer *timer)
{
	expired_at[timer - timers] = timer_ticks;
}

static void tick(void)
{
	timer_ticks++;
	timer_expire();
}

START_TEST(timers_expire_on_time)
{
	timer_ticks = 0;
	timer_init();
	for (int i = 0; i < 3; i++)
		timer_prepare(&timers[i], note_expiry);
	timer_start(&timers[0], 3);
	timer_start(&timers[1], 300); /* more than one turn of the wheel */
	timer_start(&timers[2], 0);   /* as soon as can be */
	for (int i = 0; i < 1000; i++)
		tick();
	ck_assert_uint_eq(expired_at[0], 3);
	ck_assert_uint_eq(expired_at[1], 300);
	ck_assert_uint_eq(expired_at[2], 1);
}
END_TEST

START_TEST(stopped_timers_do_not_expire)
{
	timer_ticks = 0;
	timer_init();
	for (int i = 0; i < 3; i++) {
		expired_at[i] = 0;
		timer_prepare(&timers[i], note_expiry);
	}
	timer_start(&timers[0], 3);
	timer_start(&timers[1], 3);
	timer_cancel(&timers[0]);
	timer_cancel(&timers[2]); /* not running: nothing happens */
	for (int i = 0; i < 10; i++)
		tick();
	ck_assert_uint_eq(expired_at[0], 0);
	ck_assert_uint_eq(expired_at[1], 3);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("queues");
	TCase *tests = tcase_create("queues");

	tcase_add_test(tests, highest_priority_first);
	tcase_add_test(tests, front_and_removal);
	tcase_add_test(tests, has);
	tcase_add_test(tests, timers_expire_on_time);
	tcase_add_test(tests, stopped_timers_do_not_expire);
	suite_add_tcase(suite, tests);
	return suite;
}
