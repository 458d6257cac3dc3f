/*
 * Structures and constants that programs and the kernel exchange in system calls. Sizes and offsets
 * are fixed for IA-32: every field is 32 bits or said to be otherwise.
 */
#ifndef CASTLE_ABI_H
#define CASTLE_ABI_H

#include <stdint.h>

/* The call numbers, CASTLE_CALL_getpid and so on, and their count. */
enum castle_call {
#define CALL(number, name) CASTLE_CALL_##name = (number),
#include <castle/calls.h>
#undef CALL
	CASTLE_CALL_COUNT
};

/* Processor time, in ticks of CASTLE_TIMES_HZ: what times() tells a program of itself. */
#define CASTLE_TIMES_HZ 100

struct castle_times {
	uint32_t own;      /* in user mode, of all threads */
	uint32_t children; /* of children that have been waited for, and of theirs */
};

struct castle_timespec {
	uint32_t seconds;
	uint32_t nanoseconds; /* below 1,000,000,000 */
};

#define CASTLE_CLOCK_REALTIME  1 /* newlib's CLOCK_REALTIME; counts from boot, set to the RTC */
#define CASTLE_CLOCK_MONOTONIC 4 /* newlib's CLOCK_MONOTONIC */

/* File types and permission bits, with newlib's <sys/stat.h> values. */
#define CASTLE_S_IFMT  0170000
#define CASTLE_S_IFIFO 0010000
#define CASTLE_S_IFCHR 0020000
#define CASTLE_S_IFDIR 0040000
#define CASTLE_S_IFREG 0100000

struct castle_stat {
	uint32_t device;
	uint32_t inode;
	uint32_t mode; /* type and permissions */
	uint32_t links;
	uint32_t size;   /* bytes */
	uint32_t blocks; /* of 512 bytes */
	struct castle_timespec modified;
};

/* open() flags, with newlib's <sys/_default_fcntl.h> values. */
#define CASTLE_O_RDONLY    0
#define CASTLE_O_WRONLY    1
#define CASTLE_O_RDWR      2
#define CASTLE_O_ACCMODE   3
#define CASTLE_O_APPEND    0x0008
#define CASTLE_O_CREAT     0x0200
#define CASTLE_O_TRUNC     0x0400
#define CASTLE_O_EXCL      0x0800
#define CASTLE_O_NONBLOCK  0x4000
#define CASTLE_O_CLOEXEC   0x40000
#define CASTLE_O_DIRECTORY 0x200000

/* fcntl() commands and the descriptor flag, with newlib's values. */
#define CASTLE_F_DUPFD         0
#define CASTLE_F_GETFD         1
#define CASTLE_F_SETFD         2
#define CASTLE_F_GETFL         3
#define CASTLE_F_SETFL         4
#define CASTLE_F_DUPFD_CLOEXEC 14
#define CASTLE_FD_CLOEXEC      1

#define CASTLE_OPEN_MAX 256   /* descriptors a process may have */
#define CASTLE_NAME_MAX 255   /* bytes of one file name */
#define CASTLE_PATH_MAX 1024  /* bytes of a path, its NUL included */
#define CASTLE_ARG_MAX  65536 /* bytes of argv and envp together, strings and pointers */
#define CASTLE_PIPE_BUF 4096  /* a pipe write of up to so many bytes is atomic */

/*
 * One entry of getdents(): entries follow each other, `length` bytes apart. It has the file's
 * status, so that a program which wants that of all files in a directory need not ask for each.
 * Where CASTLE_DIRENT_MAX or more bytes of the buffer are left over, the directory had no more
 * entries.
 */
struct castle_dirent {
	uint32_t length; /* of this entry, a multiple of 4 */
	struct castle_stat status;
	char name[]; /* NUL-terminated */
};
#define CASTLE_DIRENT_MAX (sizeof(struct castle_dirent) + CASTLE_NAME_MAX + 1)

/* spawn(): what differs from a plain copy of the parent's descriptors, done in order. */
#define CASTLE_SPAWN_DUP2  0 /* dup2(fd, new_fd) */
#define CASTLE_SPAWN_CLOSE 1 /* close(fd) */
#define CASTLE_SPAWN_OPEN  2 /* open(path, flags, mode) as new_fd */

struct castle_spawn_action {
	int32_t action;
	int32_t fd;
	int32_t new_fd;
	uint32_t path; /* address of a string */
	uint32_t flags;
	uint32_t mode;
};

struct castle_spawn {
	uint32_t action_count; /* at most CASTLE_OPEN_MAX */
	uint32_t actions;      /* address of struct castle_spawn_action[action_count] */
	int32_t priority;      /* 0 (highest) to 31, or -1: the parent's */
};

#define CASTLE_PRIORITY_COUNT   32
#define CASTLE_PRIORITY_DEFAULT 16

/* thread_create(): the new thread starts at entry, on `stack`, with %gs at `tls`. */
struct castle_thread {
	uint32_t entry;
	uint32_t stack; /* initial stack pointer; 0: the kernel assigns a slot of thread stacks */
	uint32_t argument; /* found at 4(%esp) when `stack` is 0, with a null return address below
			      it */
	uint32_t tls;
	uint32_t tid; /* address of a word that receives the identifier before the thread runs, or 0
		       */
};

/* alarm(): the time until SIGALRM, 0 for none, and that from one to the next, 0 for one only. */
struct castle_alarm {
	struct castle_timespec value;
	struct castle_timespec interval;
};

/* wait() options and the encoding of the status word, with newlib's <sys/wait.h> values. */
#define CASTLE_WNOHANG   1
#define CASTLE_WUNTRACED 2

/* Signals use newlib's <signal.h> numbers. */
#define CASTLE_SIGNAL_COUNT 32
#define CASTLE_SIGHUP       1
#define CASTLE_SIGINT       2
#define CASTLE_SIGQUIT      3
#define CASTLE_SIGILL       4
#define CASTLE_SIGTRAP      5
#define CASTLE_SIGABRT      6
#define CASTLE_SIGRECALL    7 /* the application kernel sends a thread back (castle/apkern.h) */
#define CASTLE_SIGFPE       8
#define CASTLE_SIGKILL      9
#define CASTLE_SIGBUS       10
#define CASTLE_SIGSEGV      11
#define CASTLE_SIGSYS       12
#define CASTLE_SIGPIPE      13
#define CASTLE_SIGALRM      14
#define CASTLE_SIGTERM      15
#define CASTLE_SIGSTOP      17
#define CASTLE_SIGCONT      19
#define CASTLE_SIGCHLD      20
#define CASTLE_SIGUSR1      30
#define CASTLE_SIGUSR2      31

#define CASTLE_SIG_DFL 0
#define CASTLE_SIG_IGN 1

/* sigprocmask() values of `how`, newlib's. */
#define CASTLE_SIG_SETMASK 0
#define CASTLE_SIG_BLOCK   1
#define CASTLE_SIG_UNBLOCK 2

struct castle_sigaction {
	uint32_t handler;  /* address, CASTLE_SIG_DFL or CASTLE_SIG_IGN */
	uint32_t mask;     /* signals blocked while the handler runs, 1 << number */
	uint32_t restorer; /* the library's trampoline, which calls sigreturn() */
};

/* ready(): what a descriptor could do without waiting. */
#define CASTLE_READY_TO_READ  1
#define CASTLE_READY_TO_WRITE 4
#define CASTLE_READY_ERROR    8  /* nobody reads the pipe */
#define CASTLE_READY_HANG_UP  16 /* nobody writes to it */

/* ioctl() requests on the console. */
#define CASTLE_CONSOLE_GET_MODE  0x4301 /* -> CASTLE_CONSOLE_* */
#define CASTLE_CONSOLE_SET_MODE  0x4302 /* argument: CASTLE_CONSOLE_* */
#define CASTLE_CONSOLE_DRAIN     0x4303 /* waits until all output has been sent */
#define CASTLE_CONSOLE_GET_GROUP 0x4304 /* -> the group in the foreground; 0: none was set */
#define CASTLE_CONSOLE_SET_GROUP 0x4305 /* argument: that group, or 0 */

/* The console's mode: a sum of these. */
#define CASTLE_CONSOLE_RAW 0 /* bytes as they come, no echo */
#define CASTLE_CONSOLE_LINES                                                                    \
	1                     /* a read gets a whole line; erase and kill, ctrl-D ends the file \
			       */
#define CASTLE_CONSOLE_ECHO 2 /* what is typed is printed */
#define CASTLE_CONSOLE_SIGNALS                                                                   \
	4                        /* ctrl-C and ctrl-\ are signals to the group in the foreground \
				  */
#define CASTLE_CONSOLE_RETURNS 8 /* a carriage return is read as such, not as a newline */
#define CASTLE_CONSOLE_LINE    (CASTLE_CONSOLE_LINES | CASTLE_CONSOLE_ECHO | CASTLE_CONSOLE_SIGNALS)
#define CASTLE_CONSOLE_MODES   15 /* all of them */

/* A message between processes: up to 64 bytes whose meaning is the two parties' own. */
#define CASTLE_MESSAGE_SIZE 64
#define CASTLE_NOWAIT       1 /* receive(): do not wait for a message */

struct castle_message {
	int32_t to;    /* process identifier; or 0: the process that runs the program `name` */
	int32_t from;  /* the sender's process identifier, set by the kernel */
	uint32_t kind; /* the two parties' own */
	uint32_t size; /* bytes of data used */
	char name[16]; /* with to == 0: started if no process runs it (a dynamic process) */
	uint8_t data[CASTLE_MESSAGE_SIZE];
};

#endif
