/*
 * Memory: mappings that are the process's own (uapps/lib/mapping.c), and its protection. All memory
 * of a Castle container can be read, written and executed, and stays so.
 */
#ifndef CASTLE_SYS_MMAN_H
#define CASTLE_SYS_MMAN_H

#include <stddef.h>
#include <sys/types.h>

#define PROT_NONE  0
#define PROT_READ  1
#define PROT_WRITE 2
#define PROT_EXEC  4

#define MAP_SHARED    0x01
#define MAP_PRIVATE   0x02
#define MAP_FIXED     0x10
#define MAP_ANONYMOUS 0x20
#define MAP_ANON      MAP_ANONYMOUS
#define MAP_NORESERVE 0
#define MAP_FAILED    ((void *)-1)

#define MS_ASYNC      1
#define MS_INVALIDATE 2
#define MS_SYNC       4

#define POSIX_MADV_NORMAL     0
#define POSIX_MADV_RANDOM     1
#define POSIX_MADV_SEQUENTIAL 2
#define POSIX_MADV_WILLNEED   3
#define POSIX_MADV_DONTNEED   4

#ifdef __cplusplus
extern "C" {
#endif

/*
 * MAP_PRIVATE: zeros (MAP_ANONYMOUS), or a copy of the file as it is now, followed by zeros.
 * MAP_SHARED: the file's own pages, all of which are made now, or fresh ones that child processes
 * share. MAP_FIXED is refused with ENOMEM. But for a shared file that is mapped without PROT_WRITE,
 * the memory can be read, written and executed, whatever `protection` says.
 */
void *mmap(void *hint, size_t size, int protection, int flags, int fd, off_t offset);

/*
 * The pages are used for later mappings, and go back to the kernel when the process ends. What is
 * shared stays as it is until then.
 */
int munmap(void *memory, size_t size);

/*
 * Succeeds when all three kinds of access are asked for, for which there is nothing to do; refuses
 * anything less with ENOTSUP.
 */
int mprotect(void *memory, size_t size, int protection);

/* There is nothing to write back: a file that is mapped and its pages are one. */
int msync(void *memory, size_t size, int flags);

/* Shared memory with a name, a file in /dev/shm. */
int shm_open(const char *name, int flags, mode_t mode);
int shm_unlink(const char *name);

int posix_madvise(void *memory, size_t size, int advice);

#ifdef __cplusplus
}
#endif

#endif
