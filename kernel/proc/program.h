/*
 * Turning a path and arguments into a container that is ready to run a program: the common part of
 * spawn, exec and starting init.
 */
#ifndef KERNEL_PROC_PROGRAM_H
#define KERNEL_PROC_PROGRAM_H

#include <stdint.h>
#include "kernel/mem/user_copy.h"

struct container;

struct program {
	struct container *container;
	uint32_t entry;
	uint32_t stack; /* initial stack pointer, argc there (System V ABI, i386, "Process
			   initialization") */
};

/*
 * Looks `path` up from the current process's working directory and makes a container for it, with
 * the arguments and environment that `argv` and `envp` name in the active address space (0: none).
 * 0, or -ENOENT, -EACCES (not a regular file), -ENOEXEC (not a code package), -E2BIG, -EFAULT,
 * -ENOMEM and path lookup's errors. The container is known to nobody else. Caller holds nothing (it
 * copies from the program's memory, and walks along the path).
 */
int program_load(struct program *program, user_addr_t path, user_addr_t argv, user_addr_t envp);

/*
 * The same for a program that the kernel itself starts, without arguments but its name. Caller
 * holds nothing.
 */
int program_load_first(struct program *program, const char *path);

#endif
