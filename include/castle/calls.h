/*
 * The system calls: one line each, the single list from which the kernel's dispatch table, the
 * library's numbers and the tests are made.
 *
 *	CALL(number, name)
 *
 * Entry: int 0x80 or the stub of castle/kernel_page.h, with eax = number and up to four arguments
 * in ebx, esi, edi, ebp. Result in eax: zero or more on success, a negative errno value of
 * castle/errno.h on failure. POSIX names have POSIX meanings and errors.
 */
CALL(0, getpid)         /* () -> pid */
CALL(1, getppid)        /* () -> pid of the parent */
CALL(2, gettid)         /* () -> thread identifier, unique in the system */
CALL(3, yield)          /* () -> 0 */
CALL(4, exit)           /* (status): ends the process with all its threads */
CALL(5, spawn)          /* (path, argv, envp, struct castle_spawn * or 0) -> pid */
CALL(6, fork)           /* () -> pid, 0 in the child */
CALL(7, exec)           /* (path, argv, envp) */
CALL(8, wait)           /* (pid or -1, int *status or 0, options) -> pid */
CALL(9, kill)           /* (pid, signal) */
CALL(10, thread_create) /* (struct castle_thread *) -> thread identifier */
CALL(11, thread_exit)   /* (uint32_t *word or 0): stores 0 there and wakes all who wait on it */
CALL(12, futex_wait)    /* (uint32_t *word, expected, struct castle_timespec *timeout or 0) */
CALL(13, futex_wake)    /* (uint32_t *word, count) -> threads woken */
CALL(14, brk)           /* (address or 0) -> the break, new or unchanged */
CALL(15, nanosleep)     /* (struct castle_timespec *request, struct castle_timespec *left or 0) */
CALL(16, clock_gettime) /* (clock, struct castle_timespec *) */
CALL(17, open)          /* (path, flags, mode) -> descriptor */
CALL(18, close)         /* (fd) */
CALL(19, read)          /* (fd, buffer, size) -> bytes read */
CALL(20, write)         /* (fd, buffer, size) -> bytes written */
CALL(21, lseek)         /* (fd, offset, whence) -> offset */
CALL(22, fstat)         /* (fd, struct castle_stat *) */
CALL(23, stat)          /* (path, struct castle_stat *) */
CALL(24, unlink)        /* (path) */
CALL(25, link)          /* (old path, new path) */
CALL(26, rename)        /* (old path, new path) */
CALL(27, mkdir)         /* (path, mode) */
CALL(28, rmdir)         /* (path) */
CALL(29, getdents)      /* (fd, struct castle_dirent *, size) -> bytes filled, 0 at the end */
CALL(30, dup)           /* (fd) -> descriptor */
CALL(31, dup2)          /* (fd, new fd) -> new fd */
CALL(32, fcntl)         /* (fd, command, argument) */
CALL(33, ftruncate)     /* (fd, size) */
CALL(34, ioctl)         /* (fd, request, argument) */
CALL(35, pipe)          /* (int fds[2]) */
CALL(36, chdir)         /* (path) */
CALL(37, getcwd)        /* (buffer, size) -> length with the final NUL */
CALL(38, chmod)         /* (path, mode) */
CALL(39, sigaction)     /* (signal, new action or 0, place for the old one or 0) */
CALL(40, sigprocmask)   /* (how, uint32_t *set or 0, uint32_t *old or 0) */
CALL(41, sigreturn)     /* (): called by the library's signal trampoline alone */
CALL(42, sigsuspend)    /* (mask, its second word): waits for a signal; -EINTR */
CALL(43, set_tls)       /* (address): base of %gs for this thread */
CALL(44, info)          /* (kind, buffer, size) -> bytes there are; castle/info.h */
CALL(45, poweroff)      /* (status, or CASTLE_REBOOT) */
CALL(46, account)       /* (command, name or struct castle_account *); castle/info.h */
CALL(47, truncate)      /* (path, size) */
CALL(48, utime)         /* (path, struct castle_timespec[2] or 0): access time ignored */
CALL(49, poll_console)  /* () -> bytes that a read of the console would return at once */
CALL(50, send)          /* (struct castle_message *) -> pid of the receiver */
CALL(51, receive)       /* (struct castle_message *, flags) */
CALL(52, getcpu)        /* () -> number of the CPU that the caller runs on */
CALL(53, mark)          /* (text): up to eight characters for the event log (castle/trace.h) */
CALL(54, thread_kill)   /* (thread identifier, signal): to a thread of the calling process; 0: none,
			   but errors as for one */
CALL(55, times)         /* (struct castle_times *) */
CALL(56, ready)         /* (fd) -> CASTLE_READY_* */
CALL(57, setpgid)       /* (pid or 0, group or 0): of the caller or a child of it */
CALL(58, getpgid)       /* (pid or 0) -> group of processes */
CALL(59, timer)         /* (CASTLE_TIMER_*, number, struct castle_timer *) */
CALL(60, fchmod)        /* (fd, mode) */
CALL(61, symlink)       /* (what the link says, path) */
CALL(62, readlink)      /* (path, buffer, size) -> bytes, without a NUL */
CALL(63, lstat)         /* (path, struct castle_stat *): of a symbolic link itself */
CALL(64, map)           /* (struct castle_map *): memory that processes share */
CALL(65, sigmask)       /* (how, struct castle_signal_set *set or 0, the same *old or 0) */
CALL(66, sigqueue)      /* (pid, signal, value) */
CALL(67, sigtimedwait)  /* (struct castle_signal_set *, struct castle_signal_info * or 0, struct
			   castle_timespec *timeout or 0) -> signal */
CALL(68, sigpending)    /* (struct castle_signal_set *) */
CALL(69, sigaltstack)   /* (struct castle_stack *new or 0, the same *old or 0) */
CALL(70, limit)         /* (CASTLE_LIMIT_*, struct castle_limit *new or 0, the same *old or 0) */
