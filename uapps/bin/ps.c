/*
 * ps: the processes of the system, with the pages that their containers own. A container that has
 * just started owns two (Section 3.2.3): its page table and the first page of its stack.
 */
#include <castle/castle.h>
#include <stdio.h>
#include <stdlib.h>
#include "common/tool.h"

/* "global", or "own" and how many of them if several CPUs have one. */
static const char *directory_text(uint32_t directories)
{
	static char text[24];

	if (directories <= 1)
		return directories ? "own" : "global";
	snprintf(text, sizeof text, "own x %u", (unsigned)directories);
	return text;
}

static void show(const struct castle_process_info *process)
{
	char cpu[12] = "-";

	if (process->cpu >= 0)
		snprintf(cpu, sizeof cpu, "%d", (int)process->cpu);
	printf("%5d %6d %5c %7u %8d %5u %9s %3s %7u %s\n", (int)process->pid, (int)process->parent,
	       (char)process->state, (unsigned)process->threads, (int)process->priority,
	       (unsigned)process->pages, directory_text(process->directory), cpu,
	       (unsigned)process->user_ticks, process->program);
}

int main(int argc, char **argv)
{
	const int size = castle_info(CASTLE_INFO_PROCESSES, NULL, 0);
	/* A few may start meanwhile. */
	const int room = size + 16 * sizeof(struct castle_process_info);
	struct castle_process_info *processes = malloc(room);
	int count;

	tool_no_arguments("ps", argc, argv);
	if (!processes)
		return 1;
	count = castle_info(CASTLE_INFO_PROCESSES, processes, room);
	if (count > room)
		count = room;
	count /= sizeof *processes;
	puts("  PID PARENT STATE THREADS PRIORITY PAGES DIRECTORY CPU   TICKS PROGRAM");
	for (int i = 0; i < count; i++)
		show(&processes[i]);
	free(processes);
	return 0;
}
