/*
 * The end of a process: it is marked, each of its threads leaves by itself where it holds nothing, and
 * the last one out frees; whoever looks a process up keeps it by a reference.
 *
 * What must hold: nothing that has been freed is looked at, the process is freed in the end, and no
 * thread stays. In the broken twin, the one that kills frees.
 *
 * code: kernel/proc/thread.c: bits_set(&thread->signal_pending, THREAD_DYING);
 * code: kernel/proc/thread.c: process->thread_count--;
 * code: kernel/proc/exit.c: if (process->thread_count == 0) {
 * code: kernel/proc/exit.c: process->ending = true;
 * code: kernel/proc/process.c: process_reference(process);
 * code: kernel/proc/process.c: if (!reference_drop(&process->references))
 */
#define THREADS 2

bool lock, in_table = true, resources = true, memory = true;
bool dying[THREADS], waiting[THREADS];
byte references = 1, count = THREADS;

inline acquire() { atomic { !lock -> lock = true } }
inline release() { lock = false }

inline drop()
{
	assert(references > 0 && memory);
	references--;
	if
	:: references == 0 -> memory = false
	:: else
	fi
}

inline free_all()
{
	resources = false;
	in_table = false;
	drop()
}

proctype thread(byte me)
{
	do
	:: acquire(); /* into the kernel, and out of it again */
		assert(memory && resources);
		if
		:: dying[me] -> break
		:: else ->
			if
			:: waiting[me] = true; release(); !waiting[me] /* blocked: no stack, no lock */
			:: release() /* user mode */
			fi
		fi
	od;
	count--; /* thread_leave() */
	if
	:: count == 0 ->
#ifndef BROKEN
		free_all()
#else
		skip
#endif
	:: else
	fi;
	release()
}

active proctype killer()
{
	byte each = 0;
	acquire();
	do
	:: each < THREADS -> dying[each] = true; waiting[each] = false; each++
	:: else -> break
	od;
#ifdef BROKEN
	free_all();
#endif
	release()
}

active proctype looker()
{
	bool found;
	acquire();
	found = in_table;
	if
	:: found -> assert(memory); references++
	:: else
	fi;
	release();
	if
	:: found -> assert(memory); acquire(); drop(); release()
	:: else
	fi
}

active proctype end()
{
	count == 0 && !lock && !in_table && references == 0 -> assert(!memory && !resources)
}

init
{
	atomic { run thread(0); run thread(1) }
}
