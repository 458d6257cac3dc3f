/*
 * A forwarded call (Figure 4.2): the application thread's message, the bootstrap thread that waits for
 * it or has been told, the answer, and the processor that halts meanwhile; with threads that move to
 * the boot processor for a while, and a process that is killed at any moment.
 *
 * What must hold: nobody waits for ever, the thread is on one side at a time, and when the driver lets
 * it go no processor runs it. The broken twin looks for a message before it takes the lock under which
 * it says that it waits.
 *
 * code: kernel/appkern/message.c: application_leave(thread, state);
 * code: kernel/appkern/message.c: tell = thread->bootstrap == BOOTSTRAP_WAITS;
 * code: kernel/appkern/message.c: area->bootstrap_has_msg = 1;
 * code: kernel/appkern/message.c: waits = !message_is_there(thread->area);
 * code: kernel/appkern/message.c: thread->bootstrap = BOOTSTRAP_WAITS;
 * code: kernel/appkern/scheduler.c: (void)__atomic_exchange_n(&processor->next, thread, __ATOMIC_SEQ_CST);
 * code: kernel/appkern/scheduler.c: if (processor->halted)
 * code: kernel/appkern/scheduler.c: (void)__atomic_exchange_n(&this_processor->halted, 1, __ATOMIC_SEQ_CST);
 * code: kernel/appkern/scheduler.c: if (!this_processor->next && !this_processor->leaving)
 * code: kernel/appkern/scheduler.c: thread->stop = true;
 */
#define CALLS 2

mtype = { FORWARDING, RUNNING, AWAY, STOPPED };

mtype state = RUNNING;
bool lock, has_message, waits, queued, woken, killed, stop;
byte answered;
bool next, halted, interrupt_there, interrupt_here, on_processor, gone;

inline acquire() { atomic { !lock -> lock = true } }
inline release() { lock = false }

/* The application processor: runs the thread, or waits to be given it. */
active proctype application_processor()
{
	byte calls = 0;
	bool tell;
	next = true;
	do
	:: gone -> break
	:: !gone ->
		/* next_wait() */
		do
		:: next || gone -> break
		:: !next && !gone ->
			halted = true;
			if
			:: !next && !gone -> (interrupt_there || gone) -> interrupt_there = false
			:: else
			fi;
			halted = false
		od;
		if
		:: gone -> break
		:: else
		fi;
		next = false;
		if
		:: stop -> acquire(); state = STOPPED; release()
		:: else ->
			on_processor = true;
			assert(state == RUNNING);
			if
			:: stop -> /* the interrupt that asks it to leave */
				on_processor = false;
				acquire(); state = STOPPED; release()
			:: calls < CALLS -> /* message_send() */
				calls++;
				acquire();
				on_processor = false;
				state = FORWARDING;
				tell = waits;
				waits = false;
				has_message = true;
				queued = queued || tell;
				release();
				if
				:: tell -> interrupt_here = true
				:: else
				fi
			:: calls == CALLS -> /* computes until it is told to leave */
				stop -> on_processor = false;
				acquire(); state = STOPPED; release()
			fi
		fi
	od
}

/* First and second level on the boot processor. */
active proctype boot_processor()
{
	do
	:: interrupt_here ->
		interrupt_here = false;
		acquire();
		if
		:: queued -> queued = false; woken = true
		:: else
		fi;
		release()
	:: gone -> break
	od
}

active proctype killer()
{
	if
	:: true -> skip /* at any moment */
	:: true -> answered == CALLS
	fi;
	killed = true;
	woken = true /* a signal ends every wait */
}

active proctype bootstrap_thread()
{
	bool wait, running;
	do
	:: killed -> break
	:: else ->
#ifdef BROKEN
		wait = !has_message;
		acquire();
#else
		acquire();
		wait = !has_message;
#endif
		if
		:: wait -> waits = true
		:: else
		fi;
		release();
		if
		:: wait -> woken -> woken = false
		:: else
		fi;
		if
		:: has_message && !killed ->
			has_message = false;
			acquire(); assert(state == FORWARDING); release();
			if
			:: state = AWAY; assert(!on_processor) /* it computes here for a while */
			:: skip
			fi;
			acquire(); /* activate() */
			state = RUNNING;
			next = true;
			answered++;
			release();
			if
			:: halted -> interrupt_there = true
			:: else
			fi
		:: else
		fi
	od;
	acquire(); /* apkern_close() stops it */
	running = state == RUNNING;
	if
	:: running -> stop = true; interrupt_there = true
	:: else
	fi;
	release();
	/* A call that was on its way is as good as a stop. */
	if
	:: running -> (state != RUNNING)
	:: else
	fi;
	assert(!on_processor && !next);
	gone = true
}
