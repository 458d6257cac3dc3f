/*
 * The address spaces of containers on one and several CPUs, case by case as in Sections 3.2.3 and
 * 3.3.3 of the thesis: which page directories there are, what they cost, and how page faults that
 * another CPU has answered before, or answers at the same time, are dealt with.
 *
 * The first thread never leaves its CPU, so that CPU owns the container's page directory.
 */
#include "common/cpus.h"
#include "common/tap.h"
#include "common/workers.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE_SIZE   4096
#define AREA_SIZE   (4 << 20) /* what one page table maps */
#define AREAS       8
#define STACK_PAGES 20
#define WORKERS     16 /* at most, to find three CPUs */
#define RACE_PAGES  128
#define RACE_ROUNDS 40
#define SPINS       2000 /* before a waiting thread lets others run */

static struct worker workers[WORKERS];
static uint32_t worker_count;
static struct worker *second, *third; /* on CPUs of their own, if there are as many */
static uint32_t owner;                /* CPU of the directory that belongs to the container */
static uint32_t cpus_seen;            /* bit map of the CPUs that run threads of this container */
static uint8_t *areas;                /* each of its 4 MB untouched until a test does so */

static uint32_t pages_owned(void)
{
	return process_info(getpid()).pages;
}

static uint32_t directories(void)
{
	return process_info(getpid()).directory;
}

/* --- one thread ------------------------------------------------------------------------------- */

/* Processes that spin keep it from running, on however many CPUs. */
static void test_new_container(const char *program)
{
	const struct castle_spawn request = { .priority = CASTLE_PRIORITY_COUNT - 1 };
	char *const arguments[] = { "true", NULL };
	struct castle_process_info info;
	pid_t pid;

	ok_is(occupy_cpus(program), kernel_program_cpu_count(),
	      "processes that spin are on all CPUs");
	pid = castle_call4(CASTLE_CALL_spawn, (uint32_t) "/bin/true", (uint32_t)arguments, 0,
			   (uint32_t)&request);
	info = process_info(pid);
	ok_is(info.pages, 2, "a new container owns two pages");
	ok_is(info.directory, 0, "and runs in the global page directory");
	release_cpus();
	ok_is(waitpid(pid, NULL, 0), pid, "it runs when there is a CPU for it");
}

static __attribute__((noinline)) void touch_stack(void)
{
	volatile char array[STACK_PAGES * PAGE_SIZE];

	for (int page = 0; page < STACK_PAGES; page++)
		array[page * PAGE_SIZE] = 1;
	(void)array[0];
}

/* The second time nothing is fresh. */
static void test_single_thread(void)
{
	const uint32_t made = smp_counters().directories_made;
	const uint32_t before = pages_owned();
	uint32_t after;

	ok_is(directories(), 0, "a single thread runs in the global page directory");
	touch_stack();
	after = pages_owned();
	ok(after - before >= STACK_PAGES - 1 && after - before <= STACK_PAGES + 1,
	   "the container owns what it has touched (%u pages more)", (unsigned)(after - before));
	touch_stack();
	ok_is(pages_owned(), after, "once");
	ok_is(directories(), 0, "inside the initial 4 MB no page directory is needed");
	ok_is(smp_counters().directories_made, made, "nor one for another CPU");
}

/* --- more threads ----------------------------------------------------------------------------- */

/* Where the kernel runs it: its bootstrap thread, on the application kernel. */
static int kernel_cpu(int cpu)
{
	return castle_kernel_page()->application_processors ? 0 : cpu;
}

/* Whether threads go from one CPU of the kernel's to another: to and from the master. */
static bool slaves_run_it(void)
{
	return threads_move() && !castle_kernel_page()->application_processors;
}

/* The kernel runs on the master, which owns all directories; the first thread may be on a slave. */
static void start_here(void)
{
	const uint32_t here = kernel_cpu(castle_getcpu());

	owner = slaves_run_it() ? 0 : here;
	cpus_seen = 1u << owner | 1u << here;
}

/*
 * What the worker's bootstrap thread needs on the application kernel, since the worker brings its
 * own stack: a page of another one, and a page table with the first of those.
 */
static uint32_t bootstrap_pages(bool first)
{
	return castle_kernel_page()->application_processors ? 1 + first : 0;
}

/*
 * Whether there are as many page directories as CPUs that threads have run on. Where they move,
 * some may have been on a CPU that nobody has noted.
 */
static bool directories_are_right(void)
{
	const uint32_t there = directories(), seen = __builtin_popcount(cpus_seen);

	return slaves_run_it() ? there >= seen && there <= kernel_cpu_count() : there == seen;
}

/* Starts a worker and notes on which CPU; whether what that cost is what it must cost. */
static bool add_worker(void)
{
	struct worker *const worker = &workers[worker_count];
	const uint32_t pages = pages_owned(), before = directories();
	const uint32_t made = smp_counters().directories_made;
	uint32_t more;

	if (worker_count == WORKERS || !worker_start(worker))
		return false;
	worker_count++;
	cpus_seen |= 1u << kernel_cpu(worker->cpu);
	more = directories() - before; /* with the first worker, the container's own, too */
	return directories_are_right() &&
	       pages_owned() == pages + more + bootstrap_pages(before == 0) &&
	       smp_counters().directories_made == made + more - (before == 0);
}

/* Adds workers until the container runs on so many CPUs. */
static bool spread_to(int cpus, struct worker **newest)
{
	bool good = true;

	while (__builtin_popcount(cpus_seen) < cpus && worker_count < WORKERS)
		good &= add_worker();
	*newest = &workers[worker_count - 1];
	return good && __builtin_popcount(cpus_seen) >= cpus;
}

static void test_directories(void)
{
	start_here();
	ok(add_worker(), "a second thread gives the container a page directory, which is a page");
	if (ok_if_kernel_cpus(2, "a second CPU"))
		ok(spread_to(2, &second), "a second CPU takes one page directory more, a page");
	if (ok_if_kernel_cpus(3, "a third CPU"))
		ok(spread_to(3, &third), "and a third CPU one more");
	ok(directories_are_right(),
	   "there are as many page directories as CPUs that the threads run on (%u)",
	   (unsigned)directories());
	ok(threads_move() || (uint32_t)kernel_cpu(castle_getcpu()) == owner,
	   "the first thread is where it was");
}

/* --- 4 MB areas ------------------------------------------------------------------------------- */

static void write_byte(void *address)
{
	*(volatile uint8_t *)address = 0x5a;
}

static void check_byte(void *address)
{
	volatile uint8_t *const byte = address;

	*byte = *byte == 0x5a ? 0xa5 : 0;
}

/* Copies that `function`, run by a worker or here (NULL), made necessary. */
static uint32_t copies(struct worker *worker, void (*function)(void *), void *address)
{
	const uint32_t before = smp_counters().faults_copied;

	if (worker)
		worker_do(worker, function, address);
	else
		function(address);
	return smp_counters().faults_copied - before;
}

/*
 * The copies are as many as expected where threads stay on their CPUs. Where they move, the kernel
 * runs on another CPU, which owns all directories, and what a CPU has depends on which threads were
 * there before: whoever touches an area copies an entry once, or has it.
 */
static void ok_copies(uint32_t copied, uint32_t expected, const char *name)
{
	if (threads_move())
		ok(copied <= 1, name);
	else
		ok_is(copied, expected, name);
}

/* The first page that is touched takes a page table, too. */
static void test_owner_first(uint8_t *area)
{
	const uint32_t pages = pages_owned();

	ok_copies(copies(NULL, write_byte, area), 0, "the owner touches a new area first");
	ok_is(pages_owned() - pages, 2, "which takes a page and a page table");
	ok_copies(copies(second, check_byte, area), 1,
		  "another CPU copies the entry when it comes");
	ok_is(*area, 0xa5, "and sees what is there");
	ok_copies(copies(second, write_byte, area + PAGE_SIZE), 0, "a page beside takes no copy");
	ok_copies(copies(NULL, check_byte, area + PAGE_SIZE), 0, "and the owner sees it");
	ok_is(area[PAGE_SIZE], 0xa5, "with what is there");
	ok_is(pages_owned() - pages, 3, "nobody has owned a page in vain");
}

static void test_other_first(uint8_t *area)
{
	const uint32_t pages = pages_owned();

	ok_copies(copies(second, write_byte, area), 0, "another CPU touches a new area first");
	ok_is(pages_owned() - pages, 2, "which takes a page and a page table");
	ok_copies(copies(NULL, check_byte, area), 0, "the owner finds the entry in its directory");
	ok_is(*area, 0xa5, "and sees what is there");
}

static void test_third(uint8_t *owners, uint8_t *seconds)
{
	*seconds = *owners = 0x5a;
	ok_copies(copies(third, check_byte, owners), 1,
		  "a third CPU copies an entry of the owner's");
	ok_copies(copies(third, check_byte, seconds), 1, "and one of another's");
	ok(*owners == 0xa5 && *seconds == 0xa5, "and sees what is there");
}

/* The kernel writes to the program's memory, and meets the same faults. */
static void tell_time(void *address)
{
	struct castle_timespec *const time = address;
	const int result =
		castle_call2(CASTLE_CALL_clock_gettime, CASTLE_CLOCK_REALTIME, (uint32_t)address);

	time->nanoseconds = result == 0 && time->seconds > 0 ? 42 : 0;
}

static void test_in_kernel(uint8_t *area)
{
	const struct castle_timespec *const first = (void *)area;
	const struct castle_timespec *const next = (void *)(area + AREA_SIZE);

	area[PAGE_SIZE - 1] = 1;
	ok_copies(copies(second, tell_time, area), 1,
		  "the kernel copies an entry that it needs itself");
	ok_is(first->nanoseconds, 42, "and the call is not disturbed");
	ok_copies(copies(second, tell_time, area + AREA_SIZE), 0,
		  "the kernel touches a new area first");
	ok_is(next->nanoseconds, 42, "which the owner then sees");
}

static void test_areas(void)
{
	const uintptr_t start = ((uintptr_t)sbrk(0) + AREA_SIZE - 1) & -AREA_SIZE;

	areas = (uint8_t *)start;
	ok(sbrk(start + AREAS * AREA_SIZE - (uintptr_t)sbrk(0)) != (void *)-1,
	   "there are addresses for areas");
	if (!ok_if_kernel_cpus(2, "faults in new 4 MB areas"))
		return;
	test_owner_first(areas);
	test_other_first(areas + AREA_SIZE);
	if (ok_if_kernel_cpus(3, "faults of a third CPU"))
		test_third(areas, areas + AREA_SIZE);
	test_in_kernel(areas + 2 * AREA_SIZE);
}

/* --- the same page at the same moment --------------------------------------------------------- */

static uint32_t racers, racers_there, race_page;
static uint8_t *race_memory;

/* All racers leave at once: the last one to arrive opens the next page. */
static void meet(uint32_t page)
{
	if (__atomic_add_fetch(&racers_there, 1, __ATOMIC_ACQ_REL) == racers) {
		racers_there = 0;
		__atomic_store_n(&race_page, page + 1, __ATOMIC_RELEASE);
	}
	for (uint32_t spins = 0; __atomic_load_n(&race_page, __ATOMIC_ACQUIRE) <= page; spins++) {
		spin_pause();
		if (spins % SPINS == SPINS - 1)
			castle_call0(CASTLE_CALL_yield);
	}
}

static void race(void *argument)
{
	(void)argument;
	for (uint32_t page = 0; page < RACE_PAGES; page++) {
		meet(page);
		__atomic_add_fetch((uint32_t *)(race_memory + page * PAGE_SIZE), 1,
				   __ATOMIC_RELAXED);
	}
}

/* One round over fresh pages; whether each has been touched by all. */
static bool race_once(void)
{
	bool good = true;

	race_memory = sbrk(RACE_PAGES * PAGE_SIZE);
	if (race_memory == (void *)-1)
		return false;
	racers = worker_count + 1;
	race_page = racers_there = 0;
	for (uint32_t i = 0; i < worker_count; i++)
		worker_run(&workers[i], race, NULL);
	race(NULL);
	for (uint32_t i = 0; i < worker_count; i++)
		worker_wait(&workers[i]);
	for (uint32_t page = 0; page < RACE_PAGES; page++)
		good &= *(uint32_t *)(race_memory + page * PAGE_SIZE) == racers;
	return good;
}

static void test_race(void)
{
	const uint32_t stale = smp_counters().faults_stale, pages = pages_owned();
	uint32_t rounds = 0, found;
	bool good = true;

	do {
		good &= race_once();
		found = smp_counters().faults_stale - stale;
	} while (++rounds < RACE_ROUNDS && (found == 0 || rounds < 4));
	ok(good, "threads that touch fresh pages at once all find the same pages");
	/* Some new page tables among them: the break may have reached new areas. */
	ok(pages_owned() - pages >= rounds * RACE_PAGES &&
		   pages_owned() - pages <= rounds * RACE_PAGES + RACE_ROUNDS,
	   "no page was put in twice");
	if (ok_if_kernel_cpus(2, "a page that is there already"))
		ok(found > 0, "%u of %u times a fault found its page there already",
		   (unsigned)found, (unsigned)(rounds * RACE_PAGES));
	else
		ok_is(found, 0, "on one CPU no fault finds its page there");
}

/* --- the end ---------------------------------------------------------------------------------- */

static void spin_forever(void *argument)
{
	(void)argument;
	for (;;)
		spin_pause();
}

/* A container of its own on several CPUs, with areas, that ends while threads spin. */
static void use_everything(void)
{
	start_here();
	worker_count = 0;
	for (int i = 0; i < 4; i++)
		if (!worker_start(&workers[worker_count++]))
			_exit(1);
	areas = sbrk(AREAS * AREA_SIZE);
	for (int area = 0; area < AREAS; area++)
		worker_do(&workers[area % 4], write_byte, areas + area * AREA_SIZE);
	for (int area = 0; area < AREAS; area++)
		check_byte(areas + area * AREA_SIZE);
	if (!race_once())
		_exit(2);
	worker_end(&workers[0]);
	for (int i = 1; i < 4; i++)
		worker_run(&workers[i], spin_forever, NULL);
	_exit(42);
}

static void test_end(void)
{
	long before;
	int good = 0;

	in_child(use_everything);
	usleep(20000);
	before = free_pages();
	for (int round = 0; round < 20; round++)
		good += WEXITSTATUS(in_child(use_everything)) == 42;
	ok_is(good, 20, "containers on several CPUs come and go");
	ok_memory_is(before, "and give back every page");
}

static void test_workers_end(void)
{
	const uint32_t pages = pages_owned();

	for (uint32_t i = 0; i < worker_count; i++)
		worker_end(&workers[i]);
	ok_is(process_info(getpid()).threads, 1, "the threads have ended");
	ok_is(pages_owned(), pages, "page directories stay while the container lives");
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], OCCUPY_ARGUMENT) == 0)
		occupy_cpu();
	/* Fresh pages that the tests themselves need would be counted. */
	memset(workers, 0xff, sizeof workers);
	pages_owned();
	test_new_container("/bin/test_containers");
	test_single_thread();
	test_directories();
	test_areas();
	test_race();
	test_workers_end();
	test_end();
	return done_testing();
}
