/* Counting, for strategies that call the runtime; elsewhere the stubs do it. */
#define LOPI_NO_CALLERS

static inline void do_enter_func(lopi_record *record, struct lopi_activation *activation,
				 struct lopi_activation *caller)
{
	(void)activation;
	(void)caller;
	record->calls++;
}

static inline void do_leave_func(lopi_record *record, struct lopi_activation *activation,
				 struct lopi_activation *caller)
{
	(void)record;
	(void)activation;
	(void)caller;
}
