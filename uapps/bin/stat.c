/*
 * stat: the kernel's statistics, by subsystem and CPU: what has been counted since boot, or, with a
 * program as arguments, while that ran.
 */
#include <castle/castle.h>
#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_STARTED 127 /* the shell's statuses */
#define BY_SIGNAL   128

static const char usage[] =
	"usage: stat [-a] [PROGRAM ARGUMENT...]\n"
	"       stat -l\n"
	"Shows the kernel's counters by subsystem, each CPU's and the sum: since boot; with "
	"PROGRAM,\n"
	"runs it, shows what was counted meanwhile, its start and end included, and ends with its\n"
	"status. Counters that are zero on all CPUs are left out.\n"
	"  -a  shows those, too\n"
	"  -l  says what each counter counts";

struct counter {
	const char *subsystem, *name, *what;
};

static const struct counter counters[] = {
#define STATISTIC(subsystem, name, what) { #subsystem, #name, what },
#include <castle/statistics.h>
};

#define COUNTERS (sizeof counters / sizeof *counters)

_Static_assert(sizeof(struct castle_statistics) == COUNTERS * sizeof(uint32_t),
	       "a CPU's statistics are an array of counters");

struct table {
	int cpus;
	uint32_t count[CASTLE_CPUS_MAX][COUNTERS];
};

static bool table_read(struct table *table)
{
	const int size = castle_info(CASTLE_INFO_STATISTICS, table->count, sizeof table->count);

	if (size < 0) {
		fprintf(stderr, "stat: the statistics: %s\n", strerror(errno));
		return false;
	}
	table->cpus = size / (int)sizeof table->count[0];
	return true;
}

/* Counters go round: so do differences. */
static void table_subtract(struct table *table, const struct table *before)
{
	for (int cpu = 0; cpu < table->cpus; cpu++)
		for (size_t i = 0; i < COUNTERS; i++)
			table->count[cpu][i] -= before->count[cpu][i];
}

static void show_head(const struct table *table)
{
	char cpu[16];

	printf("%-10s %-12s", "SUBSYSTEM", "COUNTER");
	for (int i = 0; i < table->cpus; i++) {
		snprintf(cpu, sizeof cpu, "CPU %d", i);
		printf(" %9s", cpu);
	}
	printf(" %10s\n", "all");
}

static void show_counter(const struct table *table, size_t i, bool zeros)
{
	uint64_t sum = 0;

	for (int cpu = 0; cpu < table->cpus; cpu++)
		sum += table->count[cpu][i];
	if (sum == 0 && !zeros)
		return;
	printf("%-10s %-12s", counters[i].subsystem, counters[i].name);
	for (int cpu = 0; cpu < table->cpus; cpu++)
		printf(" %9u", (unsigned)table->count[cpu][i]);
	printf(" %10llu\n", (unsigned long long)sum);
}

static void show(const struct table *table, const char *run, bool zeros)
{
	const unsigned application = castle_kernel_page()->application_processors;

	printf("%s, mode %s\n", run, castle_kernel_page()->mode);
	show_head(table);
	for (size_t i = 0; i < COUNTERS; i++)
		show_counter(table, i, zeros);
	if (application)
		printf("The %u application processors count for themselves: cat /dev/apkern\n",
		       application);
}

static int list(void)
{
	for (size_t i = 0; i < COUNTERS; i++)
		printf("%-10s %-12s %s\n", counters[i].subsystem, counters[i].name,
		       counters[i].what);
	return 0;
}

/* Its status as the shell gives it; -1 if it cannot be started. */
static int run(char **arguments)
{
	extern char **environ;
	int status;
	pid_t pid;

	errno = posix_spawnp(&pid, *arguments, NULL, NULL, arguments, environ);
	if (errno) {
		fprintf(stderr, "stat: %s: %s\n", *arguments, strerror(errno));
		return -1;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static int run_and_show(char **arguments, bool zeros)
{
	static struct table before, after;
	int status;

	/* The second time, the tables' own pages are there. */
	if (!table_read(&after) || !table_read(&before) || !table_read(&before))
		return 1;
	status = run(arguments);
	if (status < 0)
		return NOT_STARTED;
	if (!table_read(&after))
		return 1;
	table_subtract(&after, &before);
	show(&after, *arguments, zeros);
	return status;
}

static int show_since_boot(bool zeros)
{
	static struct table table;

	if (!table_read(&table))
		return 1;
	show(&table, "since boot", zeros);
	return 0;
}

static int usage_error(void)
{
	fprintf(stderr, "%s\n", usage);
	return 2;
}

int main(int argc, char **argv)
{
	bool zeros = false;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return puts(usage) < 0;
	for (argv++; *argv && **argv == '-'; argv++) {
		if (strcmp(*argv, "-l") == 0)
			return list();
		if (strcmp(*argv, "-a") != 0)
			return usage_error();
		zeros = true;
	}
	return *argv ? run_and_show(argv, zeros) : show_since_boot(zeros);
}
