/*
 * Master and slaves: a thread goes from a slave to the master, by mail, and back. Each end halts when it has found
 * no mail, and says before that it wants to be interrupted.
 *
 * What must hold: all calls are made and answered, so nobody halts for ever beside mail (no invalid end state).
 * In the broken twin a receiver looks before it says so, and not again.
 *
 * code: kernel/organisation/smp/masterslave.h: (void)__atomic_exchange_n(&mail->asks, 1, __ATOMIC_SEQ_CST);
 * code: kernel/organisation/smp/masterslave.h: return !mail->newest;
 * code: kernel/organisation/smp/masterslave_slave.c: if (masterslave_mail.asks)
 * code: kernel/organisation/smp/masterslave_slave.c: if (mail_ask(&slave->mail))
 * code: kernel/organisation/smp/masterslave_master.c: if (mail_ask(&masterslave_mail))
 * code: kernel/organisation/smp/masterslave_master.c: if (slave->mail.asks ||
 * code: arch/ia32/cpu.h: __asm__ volatile("sti; hlt; cli" : : : "memory");
 */
#define SLAVES 2
#define CALLS  2

/* Mails and what belongs to them: of the slaves, and behind them of the master. */
#define MASTER SLAVES
byte mail[SLAVES + 1];      /* a bit for each slave's thread that is in it */
bool asks[SLAVES + 1], interrupt[SLAVES + 1];
byte answered;

inline put(to, whose)
{
	mail[to] = mail[to] | (1 << whose);
	if
	:: asks[to] -> interrupt[to] = true
	:: else
	fi
}

inline take(here, all)
{
	do
	:: atomic { mail[here] != 0 -> all = mail[here]; mail[here] = 0 }; break
	:: mail[here] == 0 ->
#ifdef BROKEN
		asks[here] = true;
		interrupt[here] -> interrupt[here] = false; /* halts until there is one */
#else
		asks[here] = true;
		if
		:: mail[here] == 0 -> interrupt[here] -> interrupt[here] = false
		:: else
		fi;
#endif
		asks[here] = false
	od
}

active [SLAVES] proctype slave()
{
	byte calls = 0, back;

	do
	:: calls == CALLS -> break
	:: calls < CALLS ->
		put(MASTER, _pid);
		take(_pid, back);
		calls++
	od
}

active proctype master()
{
	byte threads, thread;

	do
	:: answered == SLAVES * CALLS -> break
	:: answered < SLAVES * CALLS ->
		take(MASTER, threads);
		thread = 0;
		do
		:: thread == SLAVES -> break
		:: thread < SLAVES && (threads & (1 << thread)) ->
			answered++;
			put(thread, thread);
			thread++
		:: thread < SLAVES && !(threads & (1 << thread)) -> thread++
		od
	od
}
