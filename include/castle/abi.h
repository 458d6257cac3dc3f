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

/* In place of poweroff()'s status, which is less: the machine starts anew. */
#define CASTLE_REBOOT 128

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

/* Processor time: of a process or a thread of the caller's, whose number is in the bits above. */
#define CASTLE_CLOCK_KINDS   7
#define CASTLE_CLOCK_PROCESS 2 /* newlib's CLOCK_PROCESS_CPUTIME_ID; number 0: the caller's */
#define CASTLE_CLOCK_THREAD  3 /* newlib's CLOCK_THREAD_CPUTIME_ID; number 0: the caller */
#define CASTLE_CLOCK_NUMBER  3 /* shift of the number */

/* File types and permission bits, with newlib's <sys/stat.h> values. */
#define CASTLE_S_IFMT  0170000
#define CASTLE_S_IFIFO 0010000
#define CASTLE_S_IFCHR 0020000
#define CASTLE_S_IFDIR 0040000
#define CASTLE_S_IFREG 0100000
#define CASTLE_S_IFLNK 0120000

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
#define CASTLE_O_NOFOLLOW  0x100000
#define CASTLE_O_DIRECTORY 0x200000

/* fcntl() commands and the descriptor flag, with newlib's values. */
#define CASTLE_F_DUPFD         0
#define CASTLE_F_GETFD         1
#define CASTLE_F_SETFD         2
#define CASTLE_F_GETFL         3
#define CASTLE_F_SETFL         4
#define CASTLE_F_GETLK         7 /* the argument of these: a struct castle_record_lock */
#define CASTLE_F_SETLK         8
#define CASTLE_F_SETLKW        9
#define CASTLE_F_DUPFD_CLOEXEC 14
#define CASTLE_F_GETPATH \
	64 /* no number of newlib's: where a directory is, to CASTLE_PATH_MAX bytes */
#define CASTLE_FD_CLOEXEC 1

#define CASTLE_OPEN_MAX 256 /* descriptors a process may have */
#define CASTLE_NAME_MAX 255 /* bytes of one file name */
/* Types of record locks, with newlib's values. */
#define CASTLE_F_RDLCK 1
#define CASTLE_F_WRLCK 2
#define CASTLE_F_UNLCK 3

/* A mapping of common pages: whole pages of the heap that were never touched. */
struct castle_map {
	int32_t fd;       /* of a regular file; -1: fresh pages, for the process and its children */
	uint32_t address; /* these three are multiples of the page size */
	uint32_t size;
	uint32_t offset;   /* in the file; what lies behind its end is never its content */
	uint32_t writable; /* 0: for reading alone */
};

struct castle_record_lock {
	uint32_t type;
	uint32_t start; /* first byte of the range */
	uint32_t end;   /* last one; UINT32_MAX: however long the file may become */
	int32_t pid;    /* whose it is, from F_GETLK */
};

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

/*
 * timer(): timers of a process, by the number that CASTLE_TIMER_CREATE gave. The first three are
 * always there, send SIGALRM, SIGVTALRM and SIGPROF and stay over exec().
 */
#define CASTLE_TIMER_REAL    0
#define CASTLE_TIMER_VIRTUAL 1
#define CASTLE_TIMER_PROFILE 2
#define CASTLE_TIMERS_MAX    64 /* of a process */

#define CASTLE_TIMER_CREATE  0 /* clock, signal, thread, value -> its number */
#define CASTLE_TIMER_DELETE  1
#define CASTLE_TIMER_SET     2 /* next, interval -> next and interval as they were */
#define CASTLE_TIMER_GET     3 /* -> next, interval */
#define CASTLE_TIMER_OVERRUN 4 /* -> how often it ran out while its last signal was waiting */

struct castle_timer {
	uint32_t clock;
	uint32_t signal;                 /* 0: none */
	uint32_t thread;                 /* that gets it; 0: the process */
	uint32_t value;                  /* sent along */
	struct castle_timespec next;     /* from now on; 0: never */
	struct castle_timespec interval; /* from one to the next; 0: once only */
};

/* limit(): what a process may use; bytes, but for processor time (seconds) and descriptors. */
#define CASTLE_LIMIT_CPU    0
#define CASTLE_LIMIT_FSIZE  1
#define CASTLE_LIMIT_DATA   2
#define CASTLE_LIMIT_STACK  3
#define CASTLE_LIMIT_CORE   4
#define CASTLE_LIMIT_NOFILE 5
#define CASTLE_LIMIT_AS     6
#define CASTLE_LIMIT_COUNT  7
#define CASTLE_LIMIT_NONE   0xffffffffu

struct castle_limit {
	uint32_t now;
	uint32_t most; /* that `now` can be set to */
};

/* wait() options and the encoding of the status word, with newlib's <sys/wait.h> values. */
#define CASTLE_WNOHANG    1
#define CASTLE_WUNTRACED  2
#define CASTLE_WCONTINUED 8

/* Signals use newlib's <signal.h> numbers. */
#define CASTLE_SIGNAL_COUNT 64
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
#define CASTLE_SIGTSTP      18
#define CASTLE_SIGCONT      19
#define CASTLE_SIGCHLD      20
#define CASTLE_SIGTTIN      21
#define CASTLE_SIGTTOU      22
#define CASTLE_SIGXCPU      24
#define CASTLE_SIGXFSZ      25
#define CASTLE_SIGVTALRM    26
#define CASTLE_SIGPROF      27
#define CASTLE_SIGUSR1      30
#define CASTLE_SIGUSR2      31

/*
 * From here on to CASTLE_SIGNAL_COUNT are the real-time signals: queued one by one, each with what
 * was sent along. Sets of signals are two words, of which the second has their bits; in the first,
 * number 29, which is no signal, stands for all of them: in a mask it blocks them.
 */
#define CASTLE_SIGRTMIN      32
#define CASTLE_SIGREALTIME   29
#define CASTLE_SIGNALS_QUEUE 128 /* that may wait in a process */

struct castle_signal_set {
	uint32_t low;      /* 1 << number */
	uint32_t realtime; /* 1 << (number - CASTLE_SIGRTMIN) */
};

/* What a signal is about. */
struct castle_signal_info {
	int32_t code;   /* CASTLE_SI_*, or a reason of that very signal, above 0 */
	int32_t pid;    /* who sent it, or which child it tells of */
	uint32_t value; /* sigqueue()'s or the timer's; the address at fault */
	int32_t status; /* of a child; of a timer: which one it is */
};

#define CASTLE_SI_USER  0
#define CASTLE_SI_QUEUE (-1)
#define CASTLE_SI_TIMER (-2)

/* Reasons: of faults, and why SIGCHLD came. */
#define CASTLE_CLD_EXITED    1
#define CASTLE_CLD_KILLED    2
#define CASTLE_CLD_STOPPED   5
#define CASTLE_CLD_CONTINUED 6
#define CASTLE_FAULT_REASON  1 /* SEGV_MAPERR, FPE_INTDIV, ILL_ILLOPC, ... */

/* sigaltstack(): the stack that handlers with CASTLE_SA_ONSTACK run on. */
struct castle_stack {
	uint32_t base;
	uint32_t flags; /* CASTLE_SS_* */
	uint32_t size;  /* bytes */
};

#define CASTLE_SS_ONSTACK  1 /* it is in use */
#define CASTLE_SS_DISABLE  2 /* there is none */
#define CASTLE_MINSIGSTKSZ 2048

#define CASTLE_SIG_DFL 0
#define CASTLE_SIG_IGN 1

/* Where no signal's bit is: a parent is not told of children that stop or go on. */
#define CASTLE_SIGNAL_NO_STOPS 1

/* sigprocmask() values of `how`, newlib's. */
#define CASTLE_SIG_SETMASK 0
#define CASTLE_SIG_BLOCK   1
#define CASTLE_SIG_UNBLOCK 2

struct castle_sigaction {
	uint32_t handler;  /* address, CASTLE_SIG_DFL or CASTLE_SIG_IGN */
	uint32_t mask;     /* signals blocked while the handler runs, 1 << number */
			   /* and for SIGCHLD, perhaps, CASTLE_SIGNAL_NO_STOPS */
	uint32_t restorer; /* the library's trampoline, which calls sigreturn() */
	uint32_t realtime; /* real-time signals blocked meanwhile, too */
	uint32_t flags;    /* CASTLE_SA_ONSTACK or 0 */
};

#define CASTLE_SA_ONSTACK 4

/*
 * What a handler finds at its stack pointer, as a C function that is called with the signal's
 * number, and what sigreturn() takes back.
 */
struct castle_registers {
	uint32_t edi, esi, ebp, unused, ebx, edx, ecx, eax;
	uint32_t vector, error;
	uint32_t eip, cs, eflags, esp, ss;
};

struct castle_signal_frame {
	uint32_t restorer; /* return address */
	uint32_t signal;
	uint32_t mask; /* to go back to */
	uint32_t fpu;  /* address of the floating-point registers; 0: there are none */
	struct castle_registers registers;
	uint32_t realtime; /* the mask's second word */
	struct castle_signal_info info;
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
#define CASTLE_CONSOLE_SIGNALS                                                                \
	4                        /* ctrl-C, ctrl-\ and ctrl-Z are signals to the group in the \
				  * foreground; ctrl-Z where one was set */
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
