/*
 * Lazy page directories: each processor has its own of a container, which follows the container's by
 * faults, and may be taken for another container at any time (the application kernel keeps four).
 * One page may be touched, another one is none of the program's.
 *
 * What must hold: the page is allocated once; every access ends, by going through or by a signal, a
 * bounded number of faults after it began (as many as there are evictions, and one). The broken twin
 * calls a fault spurious without looking whether the container has what was touched, and lets two
 * processors answer one fault.
 *
 * code: kernel/smp/container_directories.c: if (directory[index] == container->directory[index])
 * code: kernel/smp/container_directories.c: directory[index] = container->directory[index];
 * code: kernel/smp/container_directories.c: container_directory_of_cpu(container)[index] = container->directory[index];
 * code: kernel/appkern/ia32/space.c: here->next = (here->next + 1) % SPACE_COPIES;
 */
#define CPUS      2
#define EVICTIONS 2

bool container_lock, own_page;         /* the container's directory: only the good page can be there */
bool copy[CPUS];                       /* what the processor's directory has of it */
byte allocated, evictions;

inline acquire() { atomic { !container_lock -> container_lock = true } }
inline release() { container_lock = false }

proctype processor(byte me)
{
	byte accesses = 0, faults;
	bool good;
	do
	:: accesses < 2 ->
		accesses++;
		faults = 0;
		if
		:: good = true
		:: good = false
		fi;
		do
		:: good && copy[me] -> break /* the processor finds the entry: no fault */
		:: !good || !copy[me] -> /* it faults */
			faults++;
			assert(faults <= EVICTIONS + 1);
#ifdef BROKEN
			bool there = own_page;
			acquire();
			if
			:: there || !good -> copy[me] = own_page /* "spurious" */
			:: else -> own_page = true; allocated++; copy[me] = true
			fi;
			assert(allocated <= 1);
			release()
#else
			acquire();
			if
			:: !good -> release(); break /* a signal */
			:: good && own_page -> copy[me] = true
			:: good && !own_page -> own_page = true; allocated++; copy[me] = true
			fi;
			assert(allocated <= 1);
			release()
#endif
		od
	:: else -> break
	od
}

active proctype evictor()
{
	do
	:: evictions < EVICTIONS -> evictions++; copy[0] = false
	:: evictions < EVICTIONS -> evictions++; copy[1] = false
	:: break
	od
}

init
{
	atomic { run processor(0); run processor(1) }
}
