/*
 * The structures of the lock-free kernel, in every interleaving: each atomic operation of the code
 * itself is a place at which another processor may go on. Processors are contexts of this one
 * program; a schedule is a list of which goes on at each place, and all of them are tried, one
 * after the other, up to a number of times that a processor is stopped in the middle (Musuvathi and
 * Qadeer, Iterative Context Bounding, PLDI 2007).
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

static void step(void);

/* A macro's own name within it is not replaced: it is the compiler's. */
#define __atomic_load_n(...)             (step(), __atomic_load_n(__VA_ARGS__))
#define __atomic_store_n(...)            (step(), __atomic_store_n(__VA_ARGS__))
#define __atomic_compare_exchange_n(...) (step(), __atomic_compare_exchange_n(__VA_ARGS__))

#include "kernel/smp/free_stack.h"
#define RING_SLOTS 2u
#include "kernel/smp/ring.h"
#include "tests/host/support.h"

#define PROCESSORS_MAX 3u
#define STACK          65536u
#define PLACES_MAX     4096u

static ucontext_t scheduler, processors[PROCESSORS_MAX];
static char stacks[PROCESSORS_MAX][STACK];
static void (*bodies[PROCESSORS_MAX])(void);
static bool ended[PROCESSORS_MAX];
static uint32_t processor_count, current;
static bool running; /* within a processor */

/* The schedule: at each place, which of those that could go on did; and how many could. */
static uint8_t chosen[PLACES_MAX], possible[PLACES_MAX];
static uint32_t places, stops_left;
static uint64_t schedules;

static void step(void)
{
	if (running)
		swapcontext(&processors[current], &scheduler);
}

static void body(void)
{
	bodies[current]();
	ended[current] = true;
}

/* Those that can go on, the current one first: it alone when it may not be stopped any more. */
static uint32_t candidates(uint32_t *list)
{
	uint32_t count = 0;

	if (!ended[current])
		list[count++] = current;
	if (count == 1 && stops_left == 0)
		return count;
	for (uint32_t i = 0; i < processor_count; i++)
		if (i != current && !ended[i])
			list[count++] = i;
	return count;
}

/* Runs one schedule: what `chosen` says as far as that goes, and the first possible beyond. */
static void run(uint32_t known, uint32_t stops)
{
	uint32_t list[PROCESSORS_MAX], count;

	for (volatile uint32_t i = 0; i < processor_count; i++) {
		getcontext(&processors[i]);
		processors[i].uc_stack.ss_sp = stacks[i];
		processors[i].uc_stack.ss_size = STACK;
		processors[i].uc_link = &scheduler;
		makecontext(&processors[i], body, 0);
		ended[i] = false;
	}
	current = 0;
	stops_left = stops;
	for (places = 0; (count = candidates(list)) > 0; places++) {
		ck_assert_uint_lt(places, PLACES_MAX);
		if (places >= known)
			chosen[places] = 0;
		possible[places] = count;
		if (chosen[places] > 0 && !ended[current])
			stops_left--;
		current = list[chosen[places]];
		running = true;
		swapcontext(&scheduler, &processors[current]);
		running = false;
	}
	schedules++;
}

/* All schedules, with at most `stops` stops; `begin` and `check` before and after each. */
static void explore(uint32_t count, uint32_t stops, void (*begin)(void), void (*check)(void))
{
	uint32_t known = 0;

	processor_count = count;
	schedules = 0;
	do {
		begin();
		run(known, stops);
		check();
		for (known = places; known > 0 && chosen[known - 1] + 1 == possible[known - 1];)
			known--;
		if (known > 0)
			chosen[known - 1]++;
	} while (known > 0);
	ck_assert_uint_gt(schedules, 100);
}

/* Appending and taking. */
static struct ring ring;
static uint32_t out[8], out_count, in_count;

static void ring_begin(void)
{
	memset(&ring, 0, sizeof ring);
	ring.front = ring.rear = UINT32_MAX; /* about to begin again at 0 */
	out_count = in_count = 0;
}

static void append(uint32_t word)
{
	in_count += ring_append(&ring, word);
}

static void take(void)
{
	struct ring_place place;

	while (ring_look(&ring, &place))
		if (ring_take(&ring, &place)) {
			out[out_count++] = place.slot.word;
			return;
		}
}

static void append_1_2(void)
{
	append(1);
	append(2);
}

static void append_3_take(void)
{
	append(3);
	take();
}

static void take_two(void)
{
	take();
	take();
}

static uint32_t found_at(uint32_t word)
{
	for (uint32_t i = 0; i < out_count; i++)
		if (out[i] == word)
			return i;
	return UINT32_MAX;
}

/* What went in comes out, once. */
static void ring_check(void)
{
	uint32_t seen = 0;

	while (!ring_is_empty(&ring))
		take();
	ck_assert_uint_eq(out_count, in_count);
	for (uint32_t i = 0; i < out_count; i++) {
		ck_assert_uint_eq(seen & 1u << out[i], 0);
		seen |= 1u << out[i];
	}
}

/* And in order, where one processor takes. */
static void ring_check_order(void)
{
	ring_check();
	if (found_at(2) != UINT32_MAX && found_at(1) != UINT32_MAX)
		ck_assert_uint_lt(found_at(1), found_at(2));
}

START_TEST(ring_two_processors)
{
	bodies[0] = append_1_2;
	bodies[1] = take_two;
	explore(2, 4, ring_begin, ring_check_order);
	bodies[1] = append_3_take;
	explore(2, 3, ring_begin, ring_check_order);
}
END_TEST

START_TEST(ring_three_processors)
{
	bodies[0] = append_1_2;
	bodies[1] = append_3_take;
	bodies[2] = take_two;
	explore(3, 2, ring_begin, ring_check);
}
END_TEST

/* Popping two, and pushing them the other way round. Objects are where 32 bits address them. */
#define OBJECTS 3u

static struct free_stack stack;
static uint32_t (*objects)[4];
static bool used[OBJECTS];

static uint32_t object_number(const void *object)
{
	return (uint32_t)((const uint32_t(*)[4])object - objects);
}

static void stack_begin(void)
{
	memset(&stack, 0, sizeof stack);
	memset(used, 0, sizeof used);
	for (uint32_t i = 0; i < OBJECTS; i++)
		ck_assert(free_stack_push(&stack, objects[i], OBJECTS));
}

static void *pop(void)
{
	void *object = free_stack_pop(&stack);

	if (object) {
		ck_assert(!used[object_number(object)]);
		used[object_number(object)] = true;
	}
	return object;
}

static void push(void *object)
{
	if (!object)
		return;
	used[object_number(object)] = false;
	ck_assert(free_stack_push(&stack, object, OBJECTS));
}

static void pop_and_push(void)
{
	void *first = pop(), *second = pop();

	push(first);
	push(second);
}

static void pop_one(void)
{
	push(pop());
}

static void stack_check(void)
{
	ck_assert_uint_eq(free_stack_count(&stack), OBJECTS);
	for (uint32_t i = 0; i < OBJECTS; i++)
		ck_assert_ptr_nonnull(pop());
	ck_assert_ptr_null(pop());
}

START_TEST(stack_processors)
{
	objects = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT,
		       -1, 0);
	ck_assert_ptr_ne(objects, MAP_FAILED);
	bodies[0] = pop_and_push;
	bodies[1] = pop_and_push;
	bodies[2] = pop_one;
	explore(2, 3, stack_begin, stack_check);
	explore(3, 2, stack_begin, stack_check);
	munmap(objects, 4096);
}
END_TEST

START_TEST(stack_is_full)
{
	uint32_t words[2][4];

	(void)words;
	memset(&stack, 0, sizeof stack);
	ck_assert_ptr_null(free_stack_pop(&stack));
	ck_assert(!free_stack_push(&stack, words[0], 0));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("lock-free");
	TCase *tests = tcase_create("interleavings");

	tcase_set_timeout(tests, 300);
	tcase_add_test(tests, ring_two_processors);
	tcase_add_test(tests, ring_three_processors);
	tcase_add_test(tests, stack_processors);
	tcase_add_test(tests, stack_is_full);
	suite_add_tcase(suite, tests);
	return suite;
}
