/*
 * A processor's ready queue without a lock: others push threads to its inbox, and look then whether it idles; it says that
 * it idles, and looks into its inbox then. It takes the inbox whole.
 *
 * What must hold: all threads run, so the processor does not halt for ever beside one (no invalid end state), and none
 * runs twice. In the broken twin it looks before it says that it idles.
 *
 * code: kernel/smp/lockfree_queues.c: thread->queue.next = newest;
 * code: kernel/smp/lockfree_queues.c: struct list *newest = __atomic_exchange_n(&queue->inbox, NULL, __ATOMIC_ACQUIRE);
 * code: kernel/smp/lockfree_queues.c: own_place_idle();
 * code: kernel/smp/lockfree_queues.c: if (__atomic_load_n(&own_queue()->inbox, __ATOMIC_RELAXED) || any_fresh())
 * code: kernel/smp/own_place.h: if (glance(&placement_idle_cpus) & 1u << cpu
 */
#define OTHERS  2
#define THREADS 2 /* of each of the others */

byte inbox;                            /* the newest; 0: none */
byte before[OTHERS * THREADS + 1];
bool has_run[OTHERS * THREADS + 1];
bool idle, interrupt;
byte runs;

proctype other(byte first)
{
	byte newest, i;

	for (i : 0 .. THREADS - 1) {
		do
		:: newest = inbox;
			before[first + i] = newest;
			atomic {
				if
				:: inbox == newest -> inbox = first + i; break
				:: else
				fi
			}
		od;
		if
		:: idle -> atomic { idle = false; interrupt = true }
		:: else
		fi
	}
}

proctype owner()
{
	byte node;

	do
	:: atomic { node = inbox; inbox = 0 };
		do
		:: node ->
			assert(!has_run[node]);
			has_run[node] = true;
			runs++;
			node = before[node]
		:: else -> break
		od;
		if
		:: runs == OTHERS * THREADS -> break
		:: else
		fi;
#ifdef BROKEN
		if
		:: inbox -> goto again
		:: else
		fi;
		idle = true;
#else
		idle = true;
		if
		:: inbox -> idle = false; goto again
		:: else
		fi;
#endif
		/* It halts. */
		atomic { interrupt -> interrupt = false };
		idle = false;
again:
		skip
	od
}

init
{
	byte i;

	atomic {
		run owner();
		for (i : 0 .. OTHERS - 1) {
			run other(1 + i * THREADS)
		}
	}
}
