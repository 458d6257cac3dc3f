/* Cycles with callees, counted once however often a function calls itself, and without them. */
static inline void do_enter_func(lopi_record *record, struct lopi_activation *activation,
				 struct lopi_activation *caller)
{
	(void)caller;
	record->calls++;
	record->active++;
	activation->in_callees = 0;
	activation->start = lopi_cycles();
}

static inline void do_leave_func(lopi_record *record, struct lopi_activation *activation,
				 struct lopi_activation *caller)
{
	uint64_t cycles = lopi_cycles() - activation->start;

	record->self += cycles - activation->in_callees;
	if (--record->active == 0)
		record->cycles += cycles;
	if (caller)
		caller->in_callees += cycles;
#ifdef LOPI_CALLERS
	lopi_arc_add(caller ? caller->record : 0, record, cycles);
#endif
}
