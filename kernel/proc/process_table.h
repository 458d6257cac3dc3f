/*
 * What the makers and enders of processes (spawn.c, fork.c, exit.c) share with process.c.
 */
#ifndef KERNEL_PROC_PROCESS_TABLE_H
#define KERNEL_PROC_PROCESS_TABLE_H

struct process;

/* Frees all that a process holds but itself: threads, files, working directory, container. */
void process_release_resources(struct process *process);

/* Takes a process that holds nothing out of the tables and frees it. */
void process_free(struct process *process);

#endif
