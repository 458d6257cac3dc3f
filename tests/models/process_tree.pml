/*
 * The locks of processes, where each has its own: a child's is taken before its parent's, and init's
 * after both. A process (P) ends and gives its child (C) to init, while that ends, too, and while
 * somebody stops it, which the parent is told of. P may ignore that children end: then C takes itself
 * out of its list.
 *
 * What must hold: nobody waits for ever, C is in the list of one process or has been taken out, and
 * init is told if a child of its own has ended. In the broken twin, the one that gives its children
 * away has its own lock before theirs.
 *
 * code: kernel/proc/exit.c: process_lock(from);
 * code: kernel/proc/exit.c: there = !list_empty(&child->siblings);
 * code: kernel/proc/exit.c: child->parent = process_reference(to);
 * code: kernel/proc/exit.c: parent = process->parent;
 * code: kernel/proc/exit.c: process_unlock(process);
 * code: kernel/proc/exit.c: if (parent->signals_ignored & 1u << CASTLE_SIGCHLD)
 * code: kernel/proc/stop.c: process_lock(parent);
 */
#define INIT 0
#define P    1
#define C    2
#define NONE 3

bool lock[3];
byte parent = P;  /* C's */
byte in_list = P; /* of whose children C is */
bool ignores;     /* P, that its children end */
bool ended, told, removed;
byte over;

inline acquire(process) { atomic { !lock[process] -> lock[process] = true } }
inline release(process) { assert(lock[process]); lock[process] = false }

/* child_give(), with C's lock held. */
inline give()
{
	acquire(P);
	there = in_list == P;
	if
	:: there -> in_list = NONE
	:: else
	fi;
	release(P);
	if
	:: there ->
		acquire(INIT);
		parent = INIT;
		assert(in_list == NONE);
		in_list = INIT;
		told = told || ended;
		release(INIT)
	:: else
	fi
}

/* children_give_to_init(), and the end of P itself. */
proctype parent_ends()
{
	bool there, any;

	acquire(P);
	any = in_list == P;
#ifdef BROKEN
	if
	:: any -> acquire(C); release(P); give(); release(C)
	:: else -> release(P)
	fi;
#else
	release(P);
	if
	:: any -> acquire(C); give(); release(C)
	:: else
	fi;
#endif
	acquire(P);
	acquire(INIT);
	release(P);
	release(INIT);
	over++
}

/* process_finish(). */
proctype child_ends()
{
	byte whose;

	acquire(C);
	whose = parent;
	acquire(whose);
	release(C);
	assert(parent == whose && in_list == whose);
	ended = true;
	if
	:: whose == P && ignores -> in_list = NONE; removed = true
	:: whose == INIT -> told = true
	:: else
	fi;
	release(whose);
	over++
}

/* stop_process(). */
proctype stopper()
{
	byte whose;

	acquire(C);
	whose = parent;
	acquire(whose);
	assert(parent == whose);
	release(whose);
	release(C);
	over++
}

init {
	if
	:: ignores = true
	:: ignores = false
	fi;
	atomic { run parent_ends(); run child_ends(); run stopper() }
	over == 3;
	assert(ended && (removed -> in_list == NONE : in_list == INIT && parent == INIT && told))
}
