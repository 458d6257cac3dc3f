/*
 * A stack of free objects: processors pop two, and push them back the other way round. Each read and each
 * compare-and-swap is a step.
 *
 * What must hold: nobody pops an object that another has; in the end all are there again.
 * In the broken twin the top has no count of changes: the same object may be there again while another follows it.
 *
 * code: kernel/smp/free_stack.h: top = counted_read(&stack->top);
 * code: kernel/smp/free_stack.h: next = __atomic_load_n(free_stack_link(top.word), __ATOMIC_RELAXED);
 * code: kernel/smp/free_stack.h: (union counted){ { next, top.count + FREE_STACK_CHANGE - 1 } }
 * code: kernel/smp/free_stack.h: __atomic_store_n(free_stack_link(address), top.word, __ATOMIC_RELAXED);
 * code: kernel/smp/free_stack.h: (union counted){ { address, top.count + FREE_STACK_CHANGE + 1 } }
 */
#define OBJECTS    3
#define PROCESSORS 2
#define ROUNDS     2

byte top = 1, changes;
byte link[OBJECTS + 1] = 0; /* object 0: none */
bool used[OBJECTS + 1];
byte finished;

#ifdef BROKEN
#define SAME(was, turn) (top == was)
#else
#define SAME(was, turn) (top == was && changes == turn)
#endif

inline pop(object)
{
	do
	:: turn = changes;
		was = top;
		if
		:: was == 0 -> object = 0; break
		:: else
		fi;
		next = link[was];
		atomic {
			if
			:: SAME(was, turn) ->
				top = next;
				changes++;
				assert(!used[was]);
				used[was] = true;
				object = was;
				break
			:: else
			fi
		}
	od
}

inline push(object)
{
	do
	:: turn = changes;
		was = top;
		link[object] = was;
		atomic {
			if
			:: SAME(was, turn) ->
				used[object] = false;
				top = object;
				changes++;
				break
			:: else
			fi
		}
	od
}

proctype processor()
{
	byte was, turn, next, first, second, round;

	for (round : 1 .. ROUNDS) {
		pop(first);
		pop(second);
		if
		:: first -> push(first)
		:: else
		fi;
		if
		:: second -> push(second)
		:: else
		fi
	}
	finished++
}

init
{
	byte i, objects;

	link[1] = 2;
	link[2] = 3;
	atomic {
		for (i : 1 .. PROCESSORS) {
			run processor()
		}
	}
	finished == PROCESSORS;
	i = top;
	do
	:: i -> objects++; assert(objects <= OBJECTS); i = link[i]
	:: else -> break
	od;
	assert(objects == OBJECTS)
}
