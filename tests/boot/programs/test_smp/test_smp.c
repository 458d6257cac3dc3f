/*
 * Threads and processes on several CPUs: that they run at once, stay where they are, hear of each
 * other, share the CPUs when there are too few, and end completely wherever they are. On one CPU
 * the same holds, but for what needs more.
 */
#include "test_smp.h"

#include <string.h>
#include <sys/wait.h>

uint64_t cycles_of(uint32_t milliseconds)
{
	struct castle_boot_info boot = { 0 };

	castle_info(CASTLE_INFO_BOOT, &boot, sizeof boot);
	return (uint64_t)milliseconds * (boot.cycles_per_ms ? boot.cycles_per_ms : 1000000);
}

int status_of(pid_t pid)
{
	int status = -1;

	return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], OCCUPY_ARGUMENT) == 0)
		occupy_cpu();
	if (argc == 2 && strcmp(argv[1], "giving-way") == 0) {
		test_giving_way();
		return done_testing();
	}
	test_parallel();
	test_affinity();
	test_wakeups();
	test_signals();
	test_account();
	test_sharing();
	test_killing();
	return done_testing();
}
