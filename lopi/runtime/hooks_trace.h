/* Every call and every return. */
static inline void do_enter_func(lopi_record *record, struct lopi_activation *activation,
				 struct lopi_activation *caller)
{
	(void)activation;
	(void)caller;
	record->calls++;
	lopi_trace_add(record, 0, lopi_cycles());
}

static inline void do_leave_func(lopi_record *record, struct lopi_activation *activation,
				 struct lopi_activation *caller)
{
	(void)activation;
	(void)caller;
	lopi_trace_add(record, 1, lopi_cycles());
}
