/*
 * Wake-up against idle halt: a processor finds no work and halts, while another one makes some ready.
 * The waker and the idle processor share the kernel's lock; the interrupt is latched until the
 * processor takes it, since it halts by the instruction that turns interrupts on.
 *
 * What must hold: all work is done, so nobody halts for ever beside some (no invalid end state).
 * The broken twin says that it is idle after it has given up the lock.
 *
 * code: kernel/smp/placement.c: placement_idle_cpus |= bit_of(cpu_number);
 * code: kernel/smp/placement.c: kernel_lock_release();
 * code: kernel/smp/placement.c: bits_clear(&placement_idle_cpus, bit_of(cpu));
 * code: kernel/smp/placement.c: apic_send(cpus[cpu].apic_id, APIC_LINE_RESCHEDULE);
 * code: kernel/sched/scheduler.c: while (!supervisor_pending())
 * code: arch/ia32/cpu.h: __asm__ volatile("sti; hlt; cli" : : : "memory");
 */
#define WORK 3

bool kernel_lock, idle, interrupt;
byte ready, finished;

inline acquire() { atomic { !kernel_lock -> kernel_lock = true } }
inline release() { kernel_lock = false }

active proctype waker()
{
	byte made = 0;
	do
	:: made < WORK ->
		acquire();
		ready++;
		made++;
		if
		:: idle -> idle = false; interrupt = true /* processor_tell() */
		:: else
		fi;
		release()
	:: else -> break
	od
}

active proctype processor()
{
	acquire();
	do
	:: finished == WORK -> break
	:: finished < WORK && ready > 0 -> ready--; finished++
	:: finished < WORK && ready == 0 ->
#ifdef BROKEN
		release();
		idle = true;
#else
		idle = true; /* placement_idle_begin() */
		release();
#endif
		interrupt -> interrupt = false; /* halts until there is one */
		acquire(); /* placement_idle_end() */
		idle = false
	od;
	release()
}
