/* The thesis's payload, for strategies that call the runtime; elsewhere the stubs do it. */
#define LOPI_NO_CALLERS

static inline void do_enter_func(struct lopi_record *record, struct lopi_activation *activation,
				 struct lopi_activation *caller)
{
	(void)record;
	(void)caller;
	activation->value = lopi_counter;
}

static inline void do_leave_func(struct lopi_record *record, struct lopi_activation *activation,
				 struct lopi_activation *caller)
{
	(void)caller;
	record->value += lopi_counter - activation->value;
}
