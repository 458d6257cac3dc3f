/*
 * Deferred reclamation: an object is taken out of a structure in which processors look without a
 * lock, and is freed when each that was looking has been seen to be done.
 *
 * What must hold: nobody looks at an object that is freed; and it is freed in the end. In the broken
 * twin a processor's count is not locked when it begins to look: it may lie in the store buffer,
 * unseen, while what comes after it is read already.
 *
 * code: kernel/smp/epoch.h: asm volatile("lock incl %0" : "+m"(epoch_turns) : : "cc", "memory");
 * code: kernel/smp/epoch.c: __atomic_thread_fence(__ATOMIC_SEQ_CST);
 * code: kernel/smp/epoch.c: own->seen[cpu] = turns_of(cpu);
 * code: kernel/smp/epoch.c: while (own->seen[cpu] % 2 && turns_of(cpu) == own->seen[cpu])
 */
#define LOOKERS 2
#define LOOKS   2

bool linked = true, freed;
byte turns[LOOKERS]; /* as others see it: odd while the processor looks */

proctype looker(byte me)
{
	byte looks = 0;
	bool found;
	do
	:: looks < LOOKS ->
		looks++;
#ifdef BROKEN
		found = linked;
		turns[me]++;
#else
		turns[me]++;
		found = linked;
#endif
		if
		:: found -> assert(!freed) /* it is looked at */
		:: else
		fi;
		turns[me]++
	:: else -> break
	od
}

proctype remover()
{
	byte seen[LOOKERS], cpu;

	linked = false;
	for (cpu : 0 .. LOOKERS - 1) {
		seen[cpu] = turns[cpu]
	}
	for (cpu : 0 .. LOOKERS - 1) {
		!(seen[cpu] % 2 && turns[cpu] == seen[cpu])
	}
	freed = true
}

init
{
	atomic { run looker(0); run looker(1); run remover() }
}
