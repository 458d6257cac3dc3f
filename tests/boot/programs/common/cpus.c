/*
 * What tests on several CPUs share.
 */
#include "cpus.h"
#include "tap.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define OCCUPY_PRIORITY (CASTLE_PRIORITY_DEFAULT + 4)
#define OCCUPY_TRIES    10
#define OCCUPY_FD       3 /* where occupy_cpu() tells its CPU */

static pid_t occupiers[CASTLE_CPUS_MAX];
static uint32_t occupier_count;

struct castle_smp_info smp_counters(void)
{
	struct castle_smp_info info = { 0 };

	castle_info(CASTLE_INFO_SMP, &info, sizeof info);
	return info;
}

struct castle_process_info process_info(pid_t pid)
{
	static struct castle_process_info processes[256];
	const int size = castle_info(CASTLE_INFO_PROCESSES, processes, sizeof processes);

	for (int i = 0; i < size / (int)sizeof *processes && i < 256; i++)
		if (processes[i].pid == pid)
			return processes[i];
	return (struct castle_process_info){ .cpu = -1 };
}

static bool ok_if_enough(uint32_t count, uint32_t needed, const char *name)
{
	if (count >= needed)
		return true;
	ok(true, "%s # SKIP needs %u CPUs", name, (unsigned)needed);
	return false;
}

bool ok_if_cpus(uint32_t needed, const char *name)
{
	return ok_if_enough(cpu_count(), needed, name);
}

bool ok_if_kernel_cpus(uint32_t needed, const char *name)
{
	return ok_if_enough(kernel_cpu_count(), needed, name);
}

void occupy_cpu(void)
{
	const uint8_t cpu = castle_getcpu();

	write(OCCUPY_FD, &cpu, 1);
	for (;;)
		spin_pause();
}

static pid_t start_occupier(const char *program, int fd)
{
	char *const arguments[] = { (char *)program, OCCUPY_ARGUMENT, NULL };
	char *const environment[] = { "NOAPPKERN=1", NULL }; /* on the kernel's own processors */
	const struct castle_spawn_action action = { .action = CASTLE_SPAWN_DUP2,
						    .fd = fd,
						    .new_fd = OCCUPY_FD };
	const struct castle_spawn request = { .action_count = fd != OCCUPY_FD,
					      .actions = (uint32_t)&action,
					      .priority = OCCUPY_PRIORITY };

	return castle_call4(CASTLE_CALL_spawn, (uint32_t)program, (uint32_t)arguments,
			    (uint32_t)environment, (uint32_t)&request);
}

/* While the caller waits in read(), its own CPU is free for the last of them. */
static uint32_t try_to_occupy(const char *program)
{
	uint32_t cpus = 0;
	uint8_t cpu;
	int ends[2];

	if (pipe(ends) != 0)
		return 0;
	for (occupier_count = 0; occupier_count < kernel_program_cpu_count(); occupier_count++) {
		occupiers[occupier_count] = start_occupier(program, ends[1]);
		if (occupiers[occupier_count] < 0)
			break;
	}
	for (uint32_t i = 0; i < occupier_count && read(ends[0], &cpu, 1) == 1; i++)
		cpus |= 1u << cpu;
	close(ends[0]);
	close(ends[1]);
	return __builtin_popcount(cpus);
}

uint32_t occupy_cpus(const char *program)
{
	uint32_t cpus = try_to_occupy(program);

	for (int tries = 1; cpus < kernel_program_cpu_count() && tries < OCCUPY_TRIES; tries++) {
		release_cpus();
		cpus = try_to_occupy(program);
	}
	return cpus;
}

void release_cpus(void)
{
	for (uint32_t i = 0; i < occupier_count; i++)
		kill(occupiers[i], SIGKILL);
	for (uint32_t i = 0; i < occupier_count; i++)
		waitpid(occupiers[i], NULL, 0);
	occupier_count = 0;
}
