/*
 * The statistics that the kernel keeps for each CPU (docs/debugging.md): the single list from which
 * struct castle_statistics, the kernel's counters and the table of `stat` are made.
 *
 *	STATISTIC(subsystem, name, what it counts)
 *
 * A counter is one more instruction where it counts. System calls are not counted: the way of the
 * shortest has 36.
 */
STATISTIC(process, processes, "processes made")
STATISTIC(process, threads, "threads made, each process's first one included")

STATISTIC(scheduler, switches, "switches to another thread")
STATISTIC(scheduler, wakes, "threads woken")
STATISTIC(scheduler, idle_ticks, "timer ticks that found the CPU idle")

STATISTIC(fault, fresh, "fresh pages of zeroes given where a program first touched them")
STATISTIC(fault, copied, "pages of global variables copied from a code package when touched")
STATISTIC(fault, refused, "page faults of programs that ended in a signal")
STATISTIC(fault, entries, "spurious faults: a directory entry was missing on this CPU")
STATISTIC(fault, stale, "spurious faults: the page was there, the TLB did not know")

STATISTIC(memory, taken, "pages taken from the page allocator")
STATISTIC(memory, freed, "pages given back to it")
STATISTIC(memory, forked, "pages copied by fork")
STATISTIC(memory, shared, "pages shared by fork")
STATISTIC(memory, unshared, "pages copied when written, since they were shared")
STATISTIC(memory, directories, "page directories made for a container's second CPU on")

STATISTIC(ipc, messages, "messages sent")
STATISTIC(ipc, pipe_bytes, "bytes written to pipes")
STATISTIC(ipc, futex_waits, "waits for a futex")

STATISTIC(console, read, "bytes that programs have read from the console")
STATISTIC(console, written, "bytes that programs have written to it")

STATISTIC(interrupt, interrupts, "interrupts taken, of devices and from other CPUs")
STATISTIC(interrupt, reschedules, "interrupts sent to make another CPU look at its work")
STATISTIC(interrupt, remote_calls, "functions run on other CPUs")
STATISTIC(interrupt, evictions, "threads ended while they ran on another CPU")

STATISTIC(lock, waits, "times the giant lock was found taken")
STATISTIC(lock, halts, "of those, waits so long that the CPU halted")

#undef STATISTIC
