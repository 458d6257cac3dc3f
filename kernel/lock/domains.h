/*
 * The lock domains: what the kernel's shared data is divided into, at the finest grain that any
 * organisation of Table 2.1 uses. LOCK_DOMAIN(name, rank, what it protects); included with that
 * defined, as often as it is needed.
 *
 * The order: whoever holds a lock of one domain may take one of a higher rank, never of a lower or
 * the same one, except that two objects of one domain may be held together where the text says how
 * they are ordered. So: what names an object comes before the object (directories before inodes),
 * objects (files, pipes) before the container whose memory a call copies to and from,
 * and what everything allocates from comes last. Faults never sleep, so
 * a lock may be held across a copy to or from a program's memory; no lock is ever held by a thread
 * that waits (kernel/sched/wait_queue.h).
 */

/* The giant lock, where there is one, is taken at the door and is this domain's. */
LOCK_DOMAIN(kernel, 10, "the way into the kernel, and what no other domain has: boot")

/* Who holds one of these may come to nearly everything else: a terminal signals processes. */
LOCK_DOMAIN(driver, 14, "a driver: its device, who waits for it; so are measuring and power")
LOCK_DOMAIN(programs, 18, "dynamic processes: of a program there is one at most")

/* Processes and their threads. */
LOCK_DOMAIN(tasks, 20, "all of these, where they have one lock")
LOCK_DOMAIN(process, 24,
	    "a process: its threads and children, its end, signals; a child before its parent")
LOCK_DOMAIN(processes, 26, "a bucket of the table by pid")
LOCK_DOMAIN(descriptors, 28, "a process's descriptors and its working directory")
LOCK_DOMAIN(cwd, 29, "a process's working directory, where it has a lock of its own")

/* The file system. */
LOCK_DOMAIN(files, 30,
	    "the file system as a whole, where it has one lock: names, open files, inodes")
LOCK_DOMAIN(names, 32,
	    "directories: names, parents; the tree first, then a parent before its children")
LOCK_DOMAIN(file, 36, "an open file: its offset and flags")
LOCK_DOMAIN(inode, 40, "an inode: content, size, mode, times, count of links")

/* Objects that threads wait for. */
LOCK_DOMAIN(ipc, 42, "all of these, where they have one lock")
LOCK_DOMAIN(pipe, 44, "a pipe: its bytes, which ends are open, who waits")
LOCK_DOMAIN(mailbox, 46, "a process's mailbox: messages, receivers, senders")
LOCK_DOMAIN(futex, 52, "a bucket of the futex table: who waits on its words")

/* Memory of programs. */
LOCK_DOMAIN(container, 60, "a container: page tables and directories, break, thread stacks")

/* Blocking, running, time. */
LOCK_DOMAIN(blocking, 68, "threads, timers and ready queues, where they have one lock")
LOCK_DOMAIN(thread, 70, "a thread's state, what it waits in, its pending signals")
LOCK_DOMAIN(timers, 74, "the timing wheel")
LOCK_DOMAIN(scheduler, 78, "ready queues, which processors are idle")
LOCK_DOMAIN(application, 80, "the application kernel's own lock: states of its threads, its queues")
LOCK_DOMAIN(remote, 82, "calls of one processor on others")

/* What everything allocates from. */
LOCK_DOMAIN(objects, 88, "kernel objects and page tables that a processor keeps ready for itself")
LOCK_DOMAIN(slabs, 90, "caches of kernel objects; two caches are never held together")
LOCK_DOMAIN(tables, 92, "the stock of zeroed page tables")
LOCK_DOMAIN(stocks, 93, "pages that a processor keeps ready for itself")
LOCK_DOMAIN(pages, 94, "free pages")

/* What anything may have to say. */
LOCK_DOMAIN(output, 96, "what goes to screen and serial line")
