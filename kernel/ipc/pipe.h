/*
 * Pipes: bytes on their way from one open file to another.
 */
#ifndef KERNEL_IPC_PIPE_H
#define KERNEL_IPC_PIPE_H

struct file;

/* At boot. */
void pipe_init_cache(void);

/*
 * Makes a pipe, and a file with one reference for each of its ends. Writing where nobody can read
 * any more is -EPIPE. 0 or -ENOMEM. Caller holds nothing.
 */
int pipe_open(struct file **reader, struct file **writer);

#endif
