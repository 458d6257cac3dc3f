/*
 * Cycles with callees, counted once however often a function calls itself, and without them. A
 * handler may come in between: its cycles may be taken for the function's own, but never for more
 * than the function had.
 */
#define LOPI_IN_THIS_ORDER() __asm__ volatile("" ::: "memory")

static inline void do_enter_func(lopi_record *record, struct lopi_activation *activation,
				 struct lopi_activation *caller)
{
	(void)caller;
	record->calls++;
	record->active++;
	activation->start = lopi_cycles();
	LOPI_IN_THIS_ORDER();
	activation->in_callees = 0;
}

static inline void do_leave_func(lopi_record *record, struct lopi_activation *activation,
				 struct lopi_activation *caller)
{
	uint64_t own = -activation->in_callees, cycles;

	LOPI_IN_THIS_ORDER();
	cycles = lopi_cycles() - activation->start;
	own += cycles;
	__asm__("" : "+r"(own)); /* added at once: a handler may add to it, too */
	record->self += own;
	if (--record->active == 0)
		record->cycles += cycles;
	if (caller)
		caller->in_callees += cycles;
#ifdef LOPI_CALLERS
	lopi_arc_add(caller ? caller->record : 0, record, cycles);
#endif
}
