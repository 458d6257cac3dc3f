/*
 * What the makers and enders of processes (spawn.c, fork.c, exit.c) share with process.c and
 * thread.c.
 */
#ifndef KERNEL_PROC_PROCESS_TABLE_H
#define KERNEL_PROC_PROCESS_TABLE_H

struct process;
struct thread;

/*
 * Gives up all that a process without threads holds but itself: files, working directory, mailbox,
 * container. Caller holds nothing.
 */
void process_release_resources(struct process *process);

/*
 * Takes a process that holds nothing from its parent and out of the table, and drops the table's
 * reference. Caller holds process (the parent's); frees the process.
 */
void process_remove(struct process *process);

#endif
