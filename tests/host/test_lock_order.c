/*
 * The lock-order checker: its order graph, and its rules with processors that are nothing but
 * stacks of locks. Each test starts with an empty graph, in a process of its own.
 */
#include <stdlib.h>
#include "kernel/debug/kill.h"
#include "kernel/debug/lock_graph.h"
#include "kernel/debug/lock_processor.h"
#include "kernel/debug/lock_report.h"
#include "tests/host/support.h"

/* What the rules find, instead of reports; and the processor's interrupts. */
static struct lock_finding last;
static int reports;
static bool interrupts = true;
static uint32_t place; /* stands for a stack: the address of what is done */

void lock_report(const struct lock_finding *finding)
{
	last = *finding;
	reports++;
}

/* Nobody is killed here. */
void kill_point_here(enum kill_class class)
{
	(void)class;
}

/* The processor that runs. */
static struct held_locks *here = &held_locks;

struct held_locks *lock_held_here(void)
{
	return here;
}

bool lock_is_application(const struct held_locks *held)
{
	(void)held;
	return false;
}

bool lock_interrupts_off(void)
{
	const bool were_on = interrupts;

	interrupts = false;
	return were_on;
}

void lock_interrupts_restore(bool were_on)
{
	interrupts = were_on;
}

void lock_trace_take(struct lock_trace *trace, uint32_t cpu, const void *frame_pointer)
{
	(void)frame_pointer;
	*trace = (struct lock_trace){ .cpu = cpu, .addresses = { place } };
}

static LOCK_CLASS_UNRANKED(a, "a", 0);
static LOCK_CLASS_UNRANKED(b, "b", 0);
static LOCK_CLASS_UNRANKED(c, "c", 0);
static LOCK_CLASS_UNRANKED(recursive, "recursive", LOCK_RECURSIVE | LOCK_OF_KERNEL | LOCK_OPENS);
static LOCK_CLASS_UNRANKED(sorted, "sorted", LOCK_BY_ADDRESS);
static LOCK_CLASS_UNRANKED(call, "call", LOCK_EVENT);
static LOCK_CLASS(outer, names, 0);
static LOCK_CLASS(inner, pages, 0);

/* Locks are addresses; a class's own will do for most. */
static struct held_locks cpu0, cpu1;
static char many[4];

static void processors_start(void)
{
	lock_order_processor_init(&cpu0, 0, NULL);
	lock_order_processor_init(&cpu1, 1, NULL);
	lock_order_processor_init(&held_locks, 2, NULL);
}

static void take(struct held_locks *held, struct lock_class *class)
{
	here = held;
	lock_order_acquire(class, class);
}

static void give(struct held_locks *held, struct lock_class *class)
{
	here = held;
	lock_order_release(class, class);
}

/* Takes and releases one while the other is held. */
static void nest(struct held_locks *held, struct lock_class *outer, struct lock_class *inner)
{
	take(held, outer);
	take(held, inner);
	give(held, inner);
	give(held, outer);
}

static bool add(struct lock_class *before, struct lock_class *after, struct lock_path *path)
{
	const struct lock_edge edge = { .before = { .cpu = ++place }, .after = { .cpu = ++place } };

	return lock_graph_add(before, after, &edge, path);
}

START_TEST(the_order_of_domains_holds_before_anybody_broke_it)
{
	lock_order_acquire(&outer, &outer);
	lock_order_acquire(&inner, &inner);
	lock_order_release(&inner, &inner);
	lock_order_release(&outer, &outer);
	ck_assert_int_eq(reports, 0);
}
END_TEST

START_TEST(what_is_taken_against_the_ranks_is_reported)
{
	lock_order_acquire(&inner, &inner);
	lock_order_acquire(&outer, &outer);
	ck_assert_int_eq(reports, 1);
	ck_assert_int_eq(last.fault, LOCK_FAULT_RANK);
	ck_assert_ptr_eq(last.class, &outer);
	ck_assert_ptr_eq(last.other->class, &inner);
}
END_TEST

START_TEST(graph_two_orders)
{
	struct lock_path path;

	ck_assert(add(&a, &b, &path));
	ck_assert(add(&a, &b, &path));
	ck_assert(!add(&b, &a, &path));
	ck_assert_uint_eq(path.length, 2);
	ck_assert_ptr_eq(path.classes[0], &a);
	ck_assert_ptr_eq(path.classes[1], &b);
	/* The first time is what it keeps. */
	ck_assert_uint_eq(lock_graph_edge(&a, &b)->before.cpu, 1);
	ck_assert_uint_eq(lock_graph_edge(&a, &b)->after.cpu, 2);
	/* Refused once, and not part of the graph. */
	ck_assert(add(&b, &a, &path));
	ck_assert(add(&a, &b, &path));
}
END_TEST

START_TEST(graph_circle_of_three)
{
	struct lock_path path;

	ck_assert(add(&a, &b, &path));
	ck_assert(add(&b, &c, &path));
	ck_assert(!add(&c, &a, &path));
	ck_assert_uint_eq(path.length, 3);
	ck_assert_ptr_eq(path.classes[0], &a);
	ck_assert_ptr_eq(path.classes[1], &b);
	ck_assert_ptr_eq(path.classes[2], &c);
	ck_assert(add(&a, &c, &path));
}
END_TEST

static struct lock_class nodes[LOCK_CLASSES_MAX];

START_TEST(graph_shortest_way)
{
	struct lock_path path;

	for (int i = 0; i < 5; i++)
		ck_assert(add(&nodes[i], &nodes[i + 1], &path));
	ck_assert(add(&nodes[1], &nodes[4], &path));
	ck_assert(!add(&nodes[5], &nodes[0], &path));
	ck_assert_uint_eq(path.length, 4);
	ck_assert_ptr_eq(path.classes[1], &nodes[1]);
	ck_assert_ptr_eq(path.classes[2], &nodes[4]);
}
END_TEST

START_TEST(graph_as_long_as_can_be)
{
	struct lock_path path;

	for (int i = 0; i + 1 < LOCK_CLASSES_MAX; i++)
		ck_assert(add(&nodes[i], &nodes[i + 1], &path));
	ck_assert(!add(&nodes[LOCK_CLASSES_MAX - 1], &nodes[0], &path));
	ck_assert_uint_eq(path.length, LOCK_CLASSES_MAX);
	for (int i = 0; i < LOCK_CLASSES_MAX; i++)
		ck_assert_ptr_eq(path.classes[i], &nodes[i]);
}
END_TEST

/* Which classes come after which, by any number of edges, worked out the slow way. */
static bool reaches[LOCK_CLASSES_MAX][LOCK_CLASSES_MAX];

static void reach(int before, int after)
{
	for (int i = 0; i < LOCK_CLASSES_MAX; i++)
		for (int k = 0; k < LOCK_CLASSES_MAX; k++)
			if ((i == before || reaches[i][before]) &&
			    (k == after || reaches[after][k]))
				reaches[i][k] = true;
}

/* A path is one in the graph: each step of it is an order that there is. */
static void check_path(const struct lock_path *path, int first, int last_node)
{
	ck_assert_uint_ge(path->length, 2);
	ck_assert_ptr_eq(path->classes[0], &nodes[first]);
	ck_assert_ptr_eq(path->classes[path->length - 1], &nodes[last_node]);
	for (uint32_t i = 0; i + 1 < path->length; i++)
		ck_assert(reaches[path->classes[i] - nodes][path->classes[i + 1] - nodes]);
}

START_TEST(graph_at_random)
{
	bool refused[LOCK_CLASSES_MAX][LOCK_CLASSES_MAX] = { 0 };
	struct lock_path path;
	int cycles = 0;

	srand(_i);
	for (int i = 0; i < 500; i++) {
		const int before = rand() % LOCK_CLASSES_MAX, after = rand() % LOCK_CLASSES_MAX;
		const bool closes = reaches[after][before], told = refused[before][after];
		if (before == after)
			continue;
		ck_assert_int_eq(add(&nodes[before], &nodes[after], &path), !closes || told);
		if (closes && !told)
			check_path(&path, after, before);
		cycles += closes;
		refused[before][after] = closes;
		if (!closes)
			reach(before, after);
	}
	ck_assert_int_gt(cycles, 0);
}
END_TEST

START_TEST(order_by_two_processors)
{
	processors_start();
	place = 100;
	nest(&cpu0, &a, &b);
	nest(&cpu1, &a, &b);
	ck_assert_int_eq(reports, 0);
	place = 200;
	nest(&cpu1, &b, &a);
	ck_assert_int_eq(reports, 1);
	ck_assert_int_eq(last.fault, LOCK_FAULT_ORDER);
	ck_assert_ptr_eq(last.held, &cpu1);
	ck_assert_ptr_eq(last.class, &a);
	ck_assert_ptr_eq(last.other->class, &b);
	ck_assert_uint_eq(last.here.addresses[0], 200);
	ck_assert_uint_eq(lock_graph_edge(&a, &b)->after.addresses[0], 100);
	nest(&cpu1, &b, &a);
	ck_assert_int_eq(reports, 1);
}
END_TEST

START_TEST(order_holds_beyond_the_last_lock)
{
	processors_start();
	take(&cpu0, &a);
	nest(&cpu0, &b, &c);
	give(&cpu0, &a);
	ck_assert_int_eq(reports, 0);
	nest(&cpu0, &c, &a);
	ck_assert_int_eq(reports, 1);
	ck_assert_uint_eq(last.path.length, 2);
}
END_TEST

START_TEST(taking_again)
{
	processors_start();
	take(&cpu0, &recursive);
	take(&cpu0, &recursive);
	take(&cpu0, &a);
	take(&cpu0, &recursive);
	give(&cpu0, &recursive);
	give(&cpu0, &a);
	give(&cpu0, &recursive);
	give(&cpu0, &recursive);
	ck_assert_uint_eq(cpu0.count, 0);
	ck_assert_int_eq(reports, 0);
	take(&cpu0, &a);
	take(&cpu0, &a);
	ck_assert_int_eq(reports, 1);
	ck_assert_int_eq(last.fault, LOCK_FAULT_AGAIN);
}
END_TEST

START_TEST(one_class)
{
	processors_start();
	here = &cpu0;
	lock_order_acquire(&sorted, &many[0]);
	here = &cpu0;
	lock_order_acquire(&sorted, &many[2]);
	here = &cpu0;
	lock_order_acquire(&sorted, &many[3]);
	ck_assert_int_eq(reports, 0);
	here = &cpu0;
	lock_order_acquire(&sorted, &many[1]);
	ck_assert_int_eq(reports, 1);
	ck_assert_int_eq(last.fault, LOCK_FAULT_AGAIN);
	ck_assert(last.other->lock == &many[2]);
	here = &cpu1;
	lock_order_acquire(&a, &many[0]);
	here = &cpu1;
	lock_order_acquire(&a, &many[1]);
	ck_assert_int_eq(reports, 2);
}
END_TEST

START_TEST(releasing)
{
	processors_start();
	take(&cpu0, &a);
	take(&cpu0, &b);
	give(&cpu0, &a);
	ck_assert_int_eq(reports, 1);
	ck_assert_int_eq(last.fault, LOCK_FAULT_RELEASE_ORDER);
	ck_assert_ptr_eq(last.class, &a);
	ck_assert_uint_eq(cpu0.count, 1);
	give(&cpu1, &b);
	ck_assert_int_eq(reports, 2);
	ck_assert_int_eq(last.fault, LOCK_FAULT_RELEASE_ELSEWHERE);
	ck_assert_ptr_eq(last.held, &cpu1);
	ck_assert_uint_eq(last.other->taken.cpu, 0);
	give(&cpu0, &b);
	give(&cpu0, &c);
	ck_assert_int_eq(reports, 3);
	ck_assert_ptr_null(last.other);
}
END_TEST

START_TEST(expecting)
{
	processors_start();
	take(&cpu0, &a);
	here = &cpu0;
	lock_order_expect(&a, &a);
	ck_assert_int_eq(reports, 0);
	here = &cpu1;
	lock_order_expect(&a, &a);
	ck_assert_int_eq(reports, 1);
	ck_assert_int_eq(last.fault, LOCK_FAULT_NOT_HELD);
	ck_assert_uint_eq(last.other->taken.cpu, 0);
}
END_TEST

START_TEST(resting)
{
	processors_start();
	take(&cpu0, &recursive);
	here = &cpu0;
	lock_order_sleep();
	here = &cpu0;
	lock_order_leave(&recursive, &recursive);
	ck_assert_int_eq(reports, 0);
	ck_assert_uint_eq(cpu0.count, 0);
	take(&cpu0, &a);
	here = &cpu0;
	lock_order_sleep();
	ck_assert_int_eq(reports, 1);
	ck_assert_int_eq(last.fault, LOCK_FAULT_SLEEP);
	take(&cpu0, &recursive);
	take(&cpu0, &b);
	here = &cpu0;
	lock_order_leave(&recursive, &recursive);
	ck_assert_int_eq(reports, 2);
	ck_assert_int_eq(last.fault, LOCK_FAULT_USER);
	ck_assert_ptr_eq(last.class, &b);
	ck_assert_uint_eq(cpu0.count, 0);
}
END_TEST

/* The kernel's lock is given up as often as it has been taken. */
START_TEST(resting_with_the_lock_taken_twice)
{
	processors_start();
	take(&cpu0, &recursive);
	take(&cpu0, &recursive);
	here = &cpu0;
	lock_order_leave(NULL, NULL);
	ck_assert_int_eq(reports, 1);
	ck_assert_int_eq(last.fault, LOCK_FAULT_USER);
}
END_TEST

/* What an interrupt's first level does. */
static void interrupt(struct lock_class *class)
{
	const bool were_on = lock_interrupts_off();

	here = &held_locks;
	lock_order_interrupt_begin();
	take(&held_locks, class);
	give(&held_locks, class);
	lock_order_interrupt_end();
	lock_interrupts_restore(were_on);
}

static void take_with_interrupts_off(struct lock_class *class)
{
	lock_interrupts_off();
	take(&cpu0, class);
	give(&cpu0, class);
	lock_interrupts_restore(true);
}

START_TEST(interrupt_unsafe)
{
	processors_start();
	take_with_interrupts_off(&a);
	interrupt(&a);
	ck_assert_int_eq(reports, 0);
	take(&cpu0, &a);
	ck_assert_int_eq(reports, 1);
	ck_assert_int_eq(last.fault, LOCK_FAULT_ORDER);
	ck_assert_ptr_eq(last.class, &lock_interrupt_class);
	ck_assert_ptr_eq(last.other->class, &a);
}
END_TEST

START_TEST(interrupt_unsafe_the_other_way_round)
{
	processors_start();
	take(&cpu0, &a);
	give(&cpu0, &a);
	interrupt(&a);
	ck_assert_int_eq(reports, 1);
	ck_assert_ptr_eq(last.class, &a);
	ck_assert_ptr_eq(last.other->class, &lock_interrupt_class);
}
END_TEST

/* b is never taken in an interrupt, but who holds a, which is, waits for it. */
START_TEST(interrupt_unsafe_by_way_of_another)
{
	processors_start();
	interrupt(&a);
	lock_interrupts_off();
	nest(&cpu0, &a, &b);
	lock_interrupts_restore(true);
	ck_assert_int_eq(reports, 0);
	take(&cpu1, &b);
	ck_assert_int_eq(reports, 1);
	ck_assert_uint_eq(last.path.length, 3);
}
END_TEST

/* Who waits for `recursive` serves interrupts, whatever it holds. */
START_TEST(interrupts_while_waiting)
{
	processors_start();
	interrupt(&a);
	lock_interrupts_off();
	take(&cpu0, &a);
	ck_assert_int_eq(reports, 0);
	take(&cpu0, &recursive);
	/* a itself; and `recursive`, which an interrupt waits for as soon as it waits for a. */
	ck_assert_int_eq(reports, 2);
	ck_assert_ptr_eq(last.other->class, &recursive);
	ck_assert_ptr_eq(last.class, &lock_interrupt_class);
	ck_assert_uint_eq(last.path.length, 3);
}
END_TEST

START_TEST(interrupt_leaves_a_lock)
{
	processors_start();
	lock_interrupts_off();
	here = &held_locks;
	lock_order_interrupt_begin();
	take(&held_locks, &a);
	lock_order_interrupt_end();
	ck_assert_int_eq(reports, 1);
	ck_assert_int_eq(last.fault, LOCK_FAULT_RELEASE_ORDER);
}
END_TEST

/* A function called on another processor takes what the caller holds. */
START_TEST(calls_between_processors)
{
	processors_start();
	nest(&cpu0, &a, &call);
	here = &cpu1;
	lock_order_begin(&call);
	take(&cpu1, &b);
	ck_assert_int_eq(reports, 0);
	give(&cpu1, &b);
	take(&cpu1, &a);
	ck_assert_int_eq(reports, 1);
	ck_assert_ptr_eq(last.other->class, &call);
	ck_assert_ptr_eq(last.class, &a);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("lock order");
	TCase *graph = tcase_create("graph"), *rules = tcase_create("rules");

	tcase_add_test(graph, graph_two_orders);
	tcase_add_test(graph, graph_circle_of_three);
	tcase_add_test(graph, graph_shortest_way);
	tcase_add_test(graph, graph_as_long_as_can_be);
	tcase_add_loop_test(graph, graph_at_random, 0, 20);
	suite_add_tcase(suite, graph);
	tcase_add_test(rules, order_by_two_processors);
	tcase_add_test(rules, order_holds_beyond_the_last_lock);
	tcase_add_test(rules, taking_again);
	tcase_add_test(rules, one_class);
	tcase_add_test(rules, the_order_of_domains_holds_before_anybody_broke_it);
	tcase_add_test(rules, what_is_taken_against_the_ranks_is_reported);
	tcase_add_test(rules, releasing);
	tcase_add_test(rules, expecting);
	tcase_add_test(rules, resting);
	tcase_add_test(rules, resting_with_the_lock_taken_twice);
	tcase_add_test(rules, interrupt_unsafe);
	tcase_add_test(rules, interrupt_unsafe_the_other_way_round);
	tcase_add_test(rules, interrupt_unsafe_by_way_of_another);
	tcase_add_test(rules, interrupts_while_waiting);
	tcase_add_test(rules, interrupt_leaves_a_lock);
	tcase_add_test(rules, calls_between_processors);
	suite_add_tcase(suite, rules);
	return suite;
}
