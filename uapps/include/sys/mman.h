/*
 * Protection of memory, for programs that generate code. All memory of a Castle container can be
 * read, written and executed, and stays so.
 */
#ifndef CASTLE_SYS_MMAN_H
#define CASTLE_SYS_MMAN_H

#include <stddef.h>

#define PROT_NONE  0
#define PROT_READ  1
#define PROT_WRITE 2
#define PROT_EXEC  4

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Succeeds when all three kinds of access are asked for, for which there is nothing to do; refuses
 * anything less with ENOTSUP.
 */
int mprotect(void *memory, size_t size, int protection);

#ifdef __cplusplus
}
#endif

#endif
