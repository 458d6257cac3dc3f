/*
 * Functions that are switched on and off while the program runs (--switched). Until then their code
 * is the compiler's; then, jumps to stubs are written over it. LOPI_ON has patterns of functions
 * that are on from the start. If LOPI_SIGNAL names a signal, all are off at the start, and each
 * such signal switches those of LOPI_ON, or all, on or off.
 *
 * A jump takes the place of several instructions, and a thread may be between two of them. So all
 * threads are interrupted, by the same signal, and wait in its handler; those that are there go on
 * in the stub, where the instructions were moved to.
 */
#include "signals.h"
#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

enum { PAGE = 4096, JUMP = 5, OPCODE_JUMP = 0xe9, NO_OPERATION = 0x90 };
enum { MOST_BYTES = 24, MOST_THREADS = 1024, PATIENCE = 20 /* seconds */ };

extern const struct lopi_site __start_lopi_sites[] __attribute__((weak, visibility("hidden")));
extern const struct lopi_site __stop_lopi_sites[] __attribute__((weak, visibility("hidden")));

/* Switched objects ask for this file by the name. */
const char lopi_switched __attribute__((visibility("hidden"))) = 1;

/* What was there, of a site whose function is chosen. */
struct before {
	int chosen;
	uint8_t bytes[MOST_BYTES];
};

static struct before *before;
static int are_on;

static size_t site_count(void)
{
	return __stop_lopi_sites - __start_lopi_sites;
}

/* How many bytes a patch takes; 0 for an instruction that is only moved. */
static size_t site_size(const struct lopi_site *site)
{
	return site->kind == LOPI_SITE_TARGET ? sizeof(int32_t) : site->kind;
}

/* --- patching --- */

static void write_bytes(const struct lopi_site *site, const uint8_t *bytes)
{
	size_t size = site_size(site);
	uintptr_t first = (uintptr_t)site->start & -PAGE;
	size_t length = (uintptr_t)site->start + size - first;

	if (mprotect((void *)first, length, PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
		LOPI_PROGRAM_WRONG("lopi: the system does not allow code to be changed\n");
	memcpy((void *)(uintptr_t)site->start, bytes, size);
	mprotect((void *)first, length, PROT_READ | PROT_EXEC);
}

static void switch_on(const struct lopi_site *site)
{
	uint8_t bytes[MOST_BYTES];
	size_t field = site->kind == LOPI_SITE_TARGET ? 0 : 1;
	int32_t distance = site->stub - (site->start + field + sizeof(distance));

	memset(bytes, NO_OPERATION, sizeof(bytes));
	if (field)
		bytes[0] = OPCODE_JUMP;
	memcpy(bytes + field, &distance, sizeof(distance));
	write_bytes(site, bytes);
}

static void switch_all(int on)
{
	for (size_t index = 0; index < site_count(); index++) {
		const struct lopi_site *site = &__start_lopi_sites[index];

		if (!before[index].chosen || !site_size(site))
			continue;
		if (on)
			switch_on(site);
		else
			write_bytes(site, before[index].bytes);
	}
	are_on = on;
	lopi_switches++;
}

/* --- threads --- */

static enum { IDLE, STOPPING } state;
static int waiting;
static pid_t known[MOST_THREADS];

#ifdef __i386__
#define PROGRAM_COUNTER REG_EIP
#else
#define PROGRAM_COUNTER REG_RIP
#endif

static int is_overwritten(const uint8_t *place)
{
	for (size_t index = 0; index < site_count(); index++) {
		const struct lopi_site *site = &__start_lopi_sites[index];

		if (before[index].chosen && site->kind >= JUMP && place > site->start &&
		    place < site->start + site->kind)
			return 1;
	}
	return 0;
}

/* The interrupted thread goes on in the stub, if its next instruction is no more. */
static void move_on(ucontext_t *context)
{
	greg_t *counter = &context->uc_mcontext.gregs[PROGRAM_COUNTER];
	const uint8_t *place = (const uint8_t *)*counter;

	if (!are_on || !is_overwritten(place))
		return;
	for (size_t index = 0; index < site_count(); index++) {
		const struct lopi_site *site = &__start_lopi_sites[index];

		if (site->kind == LOPI_SITE_MOVED && site->start == place) {
			*counter = (greg_t)site->stub;
			return;
		}
	}
}

static int is_known(pid_t thread, int count)
{
	while (count-- > 0) {
		if (known[count] == thread)
			return 1;
	}
	return 0;
}

/* Interrupts a thread. The value says that it is this file's signal. */
static int interrupt(pid_t thread, int number)
{
	siginfo_t information = { .si_code = SI_QUEUE };

	information.si_pid = getpid();
	information.si_value.sival_ptr = &state;
	return syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, number, &information) == 0;
}

/* What the system has in a directory (getdents64(2)). */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t size;
	uint8_t type;
	char name[];
};

/* Interrupts the threads of which the system tells here and that are not known yet. */
static int interrupt_listed(const char *list, long size, int number, int count)
{
	for (const char *end = list + size; list < end; list += ((struct entry *)list)->size) {
		pid_t thread = atoi(((struct entry *)list)->name);

		if (thread > 0 && !is_known(thread, count) && count < MOST_THREADS &&
		    interrupt(thread, number))
			known[count++] = thread;
	}
	return count;
}

/* Returns how many are known then. */
static int interrupt_others(int number, int count)
{
	int file = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_Alignas(struct entry) char list[4096];
	long size;

	while (file >= 0 && (size = syscall(SYS_getdents64, file, list, sizeof(list))) > 0)
		count = interrupt_listed(list, size, number, count);
	close(file);
	return count;
}

/* Whether so many wait, by and by. */
static int wait_for(int count)
{
	struct timespec moment = { .tv_nsec = 100000 }, now;
	time_t end;

	clock_gettime(CLOCK_MONOTONIC, &now);
	end = now.tv_sec + PATIENCE;
	while (__atomic_load_n(&waiting, __ATOMIC_ACQUIRE) < count && now.tv_sec <= end) {
		nanosleep(&moment, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
	}
	return __atomic_load_n(&waiting, __ATOMIC_ACQUIRE) >= count;
}

/* All others are in the handler; none of those that start meanwhile is forgotten. */
static int stop_others(int number)
{
	int count = 1, before_that;

	known[0] = syscall(SYS_gettid);
	do {
		before_that = count;
		count = interrupt_others(number, count);
		if (!wait_for(count - 1))
			return 0;
	} while (count != before_that);
	return 1;
}

static void wait_here(void)
{
	struct timespec moment = { .tv_nsec = 100000 };

	__atomic_add_fetch(&waiting, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&state, __ATOMIC_ACQUIRE) == STOPPING)
		nanosleep(&moment, NULL);
	__atomic_sub_fetch(&waiting, 1, __ATOMIC_ACQ_REL);
}

static void toggle(int number)
{
	static const char text[] = "lopi: a thread does not take the signal; nothing is switched\n";

	if (!__sync_bool_compare_and_swap(&state, IDLE, STOPPING)) {
		wait_here();
		return;
	}
	if (stop_others(number))
		switch_all(!are_on);
	else if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		are_on = are_on;
	__atomic_store_n(&state, IDLE, __ATOMIC_RELEASE);
	while (__atomic_load_n(&waiting, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void on_signal(int number, siginfo_t *information, void *context)
{
	int saved = errno;

	if (__atomic_load_n(&state, __ATOMIC_ACQUIRE) == STOPPING)
		wait_here();
	else if (information->si_value.sival_ptr != &state)
		toggle(number);
	move_on(context);
	errno = saved;
}

/* --- the start --- */

/* Whether one of the patterns, separated by commas, is of the name. */
static int is_chosen(const char *patterns, const char *name)
{
	char pattern[256];

	while (*patterns) {
		size_t length = strcspn(patterns, ",");

		if (length < sizeof(pattern)) {
			memcpy(pattern, patterns, length);
			pattern[length] = '\0';
			if (fnmatch(pattern, name, 0) == 0)
				return 1;
		}
		patterns += length + (patterns[length] == ',');
	}
	return 0;
}

static void choose(const char *patterns)
{
	for (size_t index = 0; index < site_count(); index++) {
		const struct lopi_site *site = &__start_lopi_sites[index];

		before[index].chosen = is_chosen(patterns, lopi_name_of(site->function));
		memcpy(before[index].bytes, site->start, site_size(site));
	}
}

static void expect(const char *signal)
{
	struct sigaction action = { .sa_sigaction = on_signal,
				    .sa_flags = SA_SIGINFO | SA_RESTART };
	int number = atoi(signal);

	if (strcmp(signal, "USR1") == 0)
		number = SIGUSR1;
	if (strcmp(signal, "USR2") == 0)
		number = SIGUSR2;
	sigfillset(&action.sa_mask);
	if (sigaction(number, &action, NULL) != 0)
		LOPI_PROGRAM_WRONG("lopi: LOPI_SIGNAL: USR1, USR2 or a number is wanted\n");
}

__attribute__((constructor(102))) static void start(void)
{
	const char *patterns = getenv("LOPI_ON"), *signal = getenv("LOPI_SIGNAL");
	int wanted = patterns && *patterns, by_signal = signal && *signal;

	if ((!wanted && !by_signal) || !site_count())
		return;
	before = lopi_pages_get(site_count() * sizeof(*before));
	if (!before)
		LOPI_PROGRAM_WRONG("lopi: no memory for functions that are switched\n");
	choose(wanted ? patterns : "*");
	if (by_signal)
		expect(signal);
	else
		switch_all(1);
	lopi_switches = 0;
}
