/*
 * The thesis's payload, for strategies that call the runtime; elsewhere the stubs do it, in the
 * same way (payload.c): nothing need be remembered from entry to exit.
 */
#define LOPI_NO_CALLERS

static inline void do_enter_func(lopi_record *record, struct lopi_activation *activation,
				 struct lopi_activation *caller)
{
	(void)activation;
	(void)caller;
	record->value -= lopi_counter;
}

static inline void do_leave_func(lopi_record *record, struct lopi_activation *activation,
				 struct lopi_activation *caller)
{
	(void)activation;
	(void)caller;
	record->value += lopi_counter;
}
