/*
 * scaling: one operation, repeated by n tasks at once, after the method of will-it-scale (Anton
 * Blanchard's suite): what the operation costs each task when others do the same, on objects of
 * their own or on one that all share.
 */
#ifndef UAPPS_BENCH_SCALING_SCALING_H
#define UAPPS_BENCH_SCALING_SCALING_H

#include <stdint.h>

#define SCALING_TASKS_MAX 32

/* Where files of tasks are: a directory each, and one for all. */
#define SCALING_PATH "/tmp/scaling"

struct operation {
	const char *name;
	uint32_t count;                 /* times that a task repeats it */
	void (*prepare)(uint32_t task); /* outside of the measured time; or null */
	void (*run)(uint32_t task, uint32_t count);
};

/* All of them; the one after the last has no name. */
extern const struct operation operations[];

/* Before any task: the directories, and what tasks share. And the end of it. */
void operations_prepare(uint32_t tasks);
void operations_clean_up(uint32_t tasks);

#endif
