/*
 * Pipes.
 */
#ifndef KERNEL_IPC_PIPE_H
#define KERNEL_IPC_PIPE_H

#include <stdint.h>

void pipe_init_cache(void);

/* Two descriptors, reading and writing end, into int fds[2]. 0, -EFAULT, -EMFILE or -ENOMEM. */
int32_t sys_pipe(uint32_t fds);

#endif
