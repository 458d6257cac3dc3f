/*
 * locks: the lock profile, which is the measurement behind Table 3.1 of the thesis: where the time
 * of each CPU went during a named run, and how often the giant lock was found taken. With a program
 * as arguments, that program is run and measured first.
 */
#include <castle/castle.h>
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define NOT_STARTED 127 /* the shell's statuses */
#define BY_SIGNAL   128
#define CLASSES_MAX 32 /* of locks */

static const char usage[] =
	"usage: locks [PROGRAM ARGUMENT...]\n"
	"Shows where the time of each CPU went during the last named run: in user mode, in the\n"
	"kernel, spinning for locks, idle; then counts of what several CPUs cost, and, where the\n"
	"organisation has more than the lock at the door, how often locks of each class were "
	"taken.\n"
	"With PROGRAM, runs it, measured, and ends with its status. A program that measures "
	"itself,\n"
	"as the benchmarks do, leaves its own last run.";

static uint64_t busy(const struct castle_account *account)
{
	return account->user_cycles + account->kernel_cycles + account->spinning_cycles;
}

/* A percentage in `width` places, with one decimal. */
static void show_share(uint64_t part, uint64_t whole, int width)
{
	const unsigned share = whole ? (part * 1000 + whole / 2) / whole : 0;

	printf(" %*u.%u", width - 2, share / 10, share % 10);
}

static void show_row(const char *cpu, const struct castle_account *account)
{
	const uint64_t all = busy(account) + account->idle_cycles;

	printf("%3s", cpu);
	show_share(account->user_cycles, all, 6);
	show_share(account->kernel_cycles, all, 7);
	show_share(account->spinning_cycles, all, 9);
	show_share(account->idle_cycles, all, 6);
	printf(" %9u %9u %15llu\n", (unsigned)account->entries, (unsigned)account->contended,
	       (unsigned long long)all);
}

static void show_profile(const struct castle_lock_profile *profile)
{
	struct castle_account sum = { 0 };
	char cpu[8];

	printf("run %s%s, mode %s\n", *profile->name ? profile->name : "without a name",
	       profile->running ? " (not yet stopped)" : "", castle_kernel_page()->mode);
	puts("CPU  USER% KERNEL% SPINNING%  IDLE%   ENTRIES CONTENDED          CYCLES");
	for (uint32_t i = 0; i < profile->cpus && i < CASTLE_CPUS_MAX; i++) {
		snprintf(cpu, sizeof cpu, "%u", (unsigned)i);
		show_row(cpu, &profile->cpu[i]);
		castle_account_add(&sum, &profile->cpu[i]);
	}
	show_row("all", &sum);
	puts("\nProportion of time spent executing user and kernel code, idle time left out\n"
	     "(Table 3.1)       User-mode    Kernel  Spinning");
	printf("%-17s", castle_kernel_page()->mode);
	show_share(sum.user_cycles, busy(&sum), 8);
	putchar('%');
	show_share(sum.kernel_cycles, busy(&sum), 8);
	putchar('%');
	show_share(sum.spinning_cycles, busy(&sum), 8);
	puts("%\n");
}

static void show_counters(void)
{
	struct castle_smp_info smp;

	if (castle_info(CASTLE_INFO_SMP, &smp, sizeof smp) < 0)
		return;
	printf("Since boot: %u page directories for a container's further CPUs; spurious faults: "
	       "%u entries\ncopied, %u stale; %u reschedule interrupts, %u threads ended on "
	       "another CPU\n",
	       (unsigned)smp.directories_made, (unsigned)smp.faults_copied,
	       (unsigned)smp.faults_stale, (unsigned)smp.reschedules, (unsigned)smp.evictions);
}

/* Where code takes locks of its own: how often, and how often in vain. */
static void show_classes(void)
{
	static struct castle_lock_class_info classes[CLASSES_MAX];
	const int size = castle_info(CASTLE_INFO_LOCK_CLASSES, classes, sizeof classes);

	if (size <= 0)
		return;
	puts("\nSince boot, by class    TAKEN  CONTENDED    CYCLES WAITED");
	for (unsigned i = 0; i < size / sizeof *classes && i < CLASSES_MAX; i++)
		printf("%-18s %10u %10u %16llu\n", classes[i].name, (unsigned)classes[i].taken,
		       (unsigned)classes[i].contended, (unsigned long long)classes[i].waited);
}

static int show(void)
{
	static struct castle_lock_profile profile;
	uint32_t entries = 0;

	if (castle_info(CASTLE_INFO_LOCKS, &profile, sizeof profile) < 0) {
		fprintf(stderr, "locks: the lock profile: %s\n", strerror(errno));
		return 1;
	}
	for (uint32_t i = 0; i < profile.cpus && i < CASTLE_CPUS_MAX; i++)
		entries += profile.cpu[i].entries;
	if (*profile.name || entries > 0)
		show_profile(&profile);
	else
		puts("no run has been measured since boot\n");
	show_counters();
	show_classes();
	return 0;
}

/* Runs a program under the account; its status as the shell gives it. */
static int run(char **arguments)
{
	struct castle_account account;
	extern char **environ;
	int status;
	pid_t pid;

	castle_account_start(*arguments);
	errno = posix_spawnp(&pid, *arguments, NULL, NULL, arguments, environ);
	if (errno) {
		castle_account_stop(&account);
		fprintf(stderr, "locks: %s: %s\n", *arguments, strerror(errno));
		return -1;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	castle_account_stop(&account);
	return WIFSIGNALED(status) ? BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	int status;

	if (argc > 1 && *argv[1] == '-') {
		const int help = strcmp(argv[1], "--help") == 0;

		fprintf(help ? stdout : stderr, "%s\n", usage);
		return help ? 0 : 2;
	}
	if (argc == 1)
		return show();
	status = run(argv + 1);
	if (status < 0)
		return NOT_STARTED;
	show();
	return status;
}
