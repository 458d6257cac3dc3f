/* Nothing to call: the stubs count. What is here serves the strategies that call the runtime. */
static inline void do_enter_func(struct lopi_record *record, struct lopi_activation *activation,
				 struct lopi_activation *caller)
{
	(void)caller;
	record->calls++;
	activation->start = lopi_counter;
}

static inline void do_leave_func(struct lopi_record *record, struct lopi_activation *activation,
				 struct lopi_activation *caller)
{
	(void)caller;
	record->value += lopi_counter - (uint32_t)activation->start;
}
