/*
 * top: which processes used most time, twenty of them, anew each second until ctrl-C; -n N: N
 * times.
 */
#include <castle/castle.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "common/tool.h"

#define SHOWN_MAX     20
#define PROCESSES_MAX 4096
#define CLEAR         "\033[H\033[J"

struct sample {
	struct castle_process_info *processes;
	int count;
};

/* What a process had used when it was last looked at; 0 if it is new. */
static uint32_t ticks_before(const struct sample *before, const struct castle_process_info *process)
{
	for (int i = 0; i < before->count; i++)
		if (before->processes[i].pid == process->pid)
			return before->processes[i].user_ticks;
	return 0;
}

static int by_ticks(const void *one, const void *other)
{
	const struct castle_process_info *first = one, *second = other;

	return (first->user_ticks < second->user_ticks) - (first->user_ticks > second->user_ticks);
}

static void take(struct sample *sample)
{
	const int room = PROCESSES_MAX * sizeof *sample->processes;
	const int size = castle_info(CASTLE_INFO_PROCESSES, sample->processes, room);

	sample->count = (size < room ? size : room) / (int)sizeof *sample->processes;
}

/* The processes of `now` by what they used since `before`; `order` is room for them. */
static void show(const struct sample *before, const struct sample *now,
		 struct castle_process_info *order)
{
	for (int i = 0; i < now->count; i++) {
		order[i] = now->processes[i];
		order[i].user_ticks -= ticks_before(before, &now->processes[i]);
	}
	qsort(order, now->count, sizeof *order, by_ticks);
	printf("%d processes\n  PID STATE THREADS PAGES CPU TICKS PROGRAM\n", now->count);
	for (int i = 0; i < now->count && i < SHOWN_MAX; i++)
		printf("%5d %5c %7u %5u %3d %5u %s\n", (int)order[i].pid, (char)order[i].state,
		       (unsigned)order[i].threads, (unsigned)order[i].pages, (int)order[i].cpu,
		       (unsigned)order[i].user_ticks, order[i].program);
	fflush(stdout);
}

static void *room(void)
{
	void *memory = malloc(PROCESSES_MAX * sizeof(struct castle_process_info));

	if (!memory)
		exit(tool_error("top", "memory"));
	return memory;
}

int main(int argc, char **argv)
{
	struct sample now = { room(), 0 }, before = { room(), 0 };
	struct castle_process_info *order = room();
	int option, rounds = -1;

	tool_help("top", argc, argv);
	while ((option = getopt(argc, argv, "n:")) != -1) {
		if (option != 'n' || atoi(optarg) < 1)
			tool_usage("top [-n ROUNDS]");
		rounds = atoi(optarg);
	}
	take(&now);
	do {
		const struct sample oldest = before;

		before = now;
		now = oldest;
		sleep(1);
		take(&now);
		if (isatty(1))
			fputs(CLEAR, stdout);
		show(&before, &now, order);
	} while (rounds < 0 || --rounds > 0);
	return 0;
}
