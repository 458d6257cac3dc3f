/*
 * The system calls on files, with POSIX's meanings and errors (include/castle/calls.h). Each holds
 * a reference to the file or the working directory that it works on, so that no other thread's
 * close() or chdir() frees it meanwhile; a call that blocks has given it back.
 *
 * Contract of all functions here: Caller holds nothing; may block; frees the files and inodes
 * released.
 */
#ifndef KERNEL_CALLS_FILE_CALLS_H
#define KERNEL_CALLS_FILE_CALLS_H

#include <stdint.h>
#include "kernel/mem/user_copy.h"

int32_t sys_open(user_addr_t path, uint32_t flags, uint32_t mode);
int32_t sys_close(int fd);
int32_t sys_read(int fd, user_addr_t buffer, uint32_t size);
int32_t sys_write(int fd, user_addr_t buffer, uint32_t size);
int32_t sys_lseek(int fd, int32_t offset, int whence);
int32_t sys_fstat(int fd, user_addr_t stat);
int32_t sys_stat(user_addr_t path, user_addr_t stat);
int32_t sys_lstat(user_addr_t path, user_addr_t stat);
int32_t sys_symlink(user_addr_t target, user_addr_t path);
int32_t sys_readlink(user_addr_t path, user_addr_t buffer, uint32_t size);
int32_t sys_unlink(user_addr_t path);
int32_t sys_link(user_addr_t old_path, user_addr_t new_path);
int32_t sys_rename(user_addr_t old_path, user_addr_t new_path);
int32_t sys_mkdir(user_addr_t path, uint32_t mode);
int32_t sys_rmdir(user_addr_t path);
int32_t sys_getdents(int fd, user_addr_t buffer, uint32_t size);
int32_t sys_dup(int fd);
int32_t sys_dup2(int fd, int new_fd);
int32_t sys_fcntl(int fd, uint32_t command, uint32_t argument);
int32_t sys_ftruncate(int fd, uint32_t size);
int32_t sys_truncate(user_addr_t path, uint32_t size);
int32_t sys_ioctl(int fd, uint32_t request, user_addr_t argument);
/* What the descriptor could do without waiting: CASTLE_READY_*, or -EBADF. */
int32_t sys_ready(int fd);
/* Two descriptors, reading and writing end, into int fds[2]. 0, -EFAULT, -EMFILE or -ENOMEM. */
int32_t sys_pipe(uint32_t fds);

int32_t sys_chdir(user_addr_t path);
int32_t sys_getcwd(user_addr_t buffer, uint32_t size);
int32_t sys_chmod(user_addr_t path, uint32_t mode);
int32_t sys_fchmod(int fd, uint32_t mode);
int32_t sys_utime(user_addr_t path, user_addr_t times);

#endif
