/*
 * The events of the event log (docs/debugging.md) and the groups that trace= chooses: the single
 * list from which the kernel's numbers and names are made, and those of tools/trace.
 *
 *	TRACE_GROUP(number, name)
 *	TRACE_EVENT(number, NAME, group)	two words of data go with each, said behind it
 */
#ifndef TRACE_GROUP
#define TRACE_GROUP(number, name)
#endif
#ifndef TRACE_EVENT
#define TRACE_EVENT(number, name, group)
#endif

TRACE_GROUP(0, entry)   /* ways in and out of either kernel */
TRACE_GROUP(1, lock)    /* the giant lock */
TRACE_GROUP(2, sched)   /* switches, wake-ups, idling */
TRACE_GROUP(3, ipi)     /* interrupts, those between processors */
TRACE_GROUP(4, memory)  /* page directories and spurious faults */
TRACE_GROUP(5, forward) /* calls that the application kernel forwards */
TRACE_GROUP(6, mark)    /* what programs say, and the account of time */

TRACE_EVENT(1, KERNEL_ENTER, entry) /* vector << 16 | call; its second argument, or cr2; of a call
				       to the application kernel, the thread */
TRACE_EVENT(2, KERNEL_EXIT, entry)  /* thread that goes on */
TRACE_EVENT(3, LOCK_WAIT, lock)     /* ticket drawn */
TRACE_EVENT(4, LOCK_ACQUIRE, lock)
TRACE_EVENT(5, LOCK_RELEASE, lock)
TRACE_EVENT(6, SWITCH, sched) /* to this thread; slot of its program << 24 | pid */
TRACE_EVENT(7, IDLE_BEGIN, sched)
TRACE_EVENT(8, IDLE_END, sched)
TRACE_EVENT(9, WAKE, sched)        /* thread woken; by this one, or 0 */
TRACE_EVENT(10, IPI, ipi)          /* to this processor; interrupt line */
TRACE_EVENT(11, INTERRUPT, ipi)    /* line */
TRACE_EVENT(12, DIRECTORY, memory) /* page directory made; container */
TRACE_EVENT(13, SPURIOUS, memory)  /* address; 1: entry copied, 0: the TLB was stale */
TRACE_EVENT(14, MESSAGE, forward)  /* step 2: kind of message; 1: an interrupt tells of it */
TRACE_EVENT(15, ACTIVATE, forward) /* step 7: bootstrap thread of the one that is made ready */
TRACE_EVENT(16, MARK, mark)        /* eight characters */
TRACE_EVENT(17, ACCOUNT, mark)     /* the account of time starts (1) or stops (0) */

#undef TRACE_GROUP
#undef TRACE_EVENT
