/*
 * The giant lock: a ticket lock whose waiters halt after a while, and are kicked by the one that
 * releases it. An interrupt is latched, and ends one halt; while a waiter still spins, interrupts are
 * served, and a kick that comes then is gone.
 *
 * What must hold: one holder at a time, and nobody halts for ever (no invalid end state). The broken
 * twin looks once more before it sets its bit, not after.
 *
 * code: kernel/smp/ticket.h: return __atomic_fetch_add(&lock->next, 1, __ATOMIC_ACQUIRE);
 * code: kernel/smp/ticket.c: halted_ticket = ticket;
 * code: kernel/smp/ticket.c: __atomic_or_fetch(&lock->halted, 1u << cpu_number, __ATOMIC_SEQ_CST);
 * code: kernel/smp/ticket.c: while (lock->serving != ticket)
 * code: kernel/smp/ticket.c: cpu_wait_for_interrupt();
 * code: kernel/smp/ticket.h: __atomic_fetch_add(&lock->serving, 1, __ATOMIC_SEQ_CST);
 * code: kernel/smp/ticket.c: const uint32_t serving = lock->serving;
 * code: kernel/smp/ticket.c: if (*CPU_LOCAL_OF(cpu, halted_ticket) == serving) {
 */
#define CPUS  3
#define TURNS 1

byte next, serving, holders;
bool halted[CPUS], interrupt[CPUS];
byte halted_ticket[CPUS];

proctype processor(byte me)
{
	byte turn = 0, ticket, seen, other;
	do
	:: turn < TURNS ->
		atomic { ticket = next; next++ }
		/* ticket_spin(): for as long as it likes, interrupts on */
		do
		:: serving == ticket -> break
		:: serving != ticket -> interrupt[me] = false
		:: serving != ticket -> /* ticket_halt() */
			halted_ticket[me] = ticket;
#ifdef BROKEN
			if
			:: serving != ticket -> halted[me] = true; interrupt[me] -> interrupt[me] = false
			:: else
			fi;
#else
			halted[me] = true;
#endif
			do
			:: serving == ticket -> break
			:: serving != ticket -> interrupt[me] -> interrupt[me] = false
			od;
			halted[me] = false;
			break
		od;
		holders++;
		assert(holders == 1 && serving == ticket);
		holders--;
		serving++; /* hand_over(); the atomic addition comes before what is read next */
		seen = serving; /* giant_lock_kick() */
		other = 0;
		do
		:: other < CPUS ->
			if
			:: halted[other] && halted_ticket[other] == seen -> interrupt[other] = true
			:: else
			fi;
			other++
		:: else -> break
		od;
		turn++
	:: else -> break
	od
}

init
{
	atomic {
		byte cpu = 0;
		do
		:: cpu < CPUS -> run processor(cpu); cpu++
		:: else -> break
		od
	}
}
