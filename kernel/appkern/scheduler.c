/*
 * Scheduling on the application processors, and stopping what runs there.
 */
#include "kernel/appkern/scheduler.h"

#include "kernel/appkern/castle/native.h"
#include "kernel/appkern/ia32/machine.h"
#include "kernel/appkern/options.h"

#define SLICE_TICKS   5 /* as the kernel's (kernel/sched/scheduler.c) */
#define PRIORITY_IDLE READY_QUEUE_PRIORITIES

/* Looks before an idle processor halts: it spares a forwarded call the wake-up. */
#define IDLE_LOOKS 100

volatile uint32_t application_lock_taken UNGUARDED("the lock itself");
LOCK_CLASS(application_lock_class, application, 0);

static struct ready_queue ready GUARDED_BY(application);
/* A bit for each processor that waits to be given a thread. */
static uint32_t idle_processors GUARDED_BY(application);

void application_scheduler_init(void)
{
	ready_queue_init(&ready);
	lock_domain_use(application, &application_lock_class);
}

static uint32_t processor_bit(const struct application_processor *processor)
{
	return 1u << processor->number;
}

/* The idle processor for the thread; NULL if there is none. */
static struct application_processor *processor_choose_idle(const struct application_thread *thread)
{
	if (thread->processor && idle_processors & processor_bit(thread->processor))
		return thread->processor;
	return idle_processors ? application_processors[__builtin_ctz(idle_processors)] : NULL;
}

/* What a processor has loaded of the thread is old when it comes back from another one. */
static void thread_assign(struct application_thread *thread,
			  struct application_processor *processor)
{
	if (thread->processor != processor)
		thread->reload = true;
	thread->state = APPLICATION_RUNNING;
	thread->processor = processor;
	processor->priority = thread->priority;
}

/*
 * The thread is the processor's from now on. The exchange is a barrier too: either the caller sees
 * `halted`, or the processor sees `next`.
 */
static inline void thread_give(struct application_thread *thread,
			       struct application_processor *processor)
{
	thread_assign(thread, processor);
	(void)__atomic_exchange_n(&processor->next, thread, __ATOMIC_SEQ_CST);
}

/*
 * A system call or page fault would not have cost the thread its processor in the kernel, either:
 * the thread that has got the processor meanwhile makes way. Behind the others, one that forwards
 * often would get on once in their time slices.
 */
static bool thread_keeps_processor(const struct application_thread *thread)
{
	const struct application_processor *processor = thread->processor;

	return thread->state == APPLICATION_FORWARDING && processor && !processor->next &&
	       processor->priority >= thread->priority;
}

/* Has the processor that runs the lowest priority look at the queue, if it is lower than this. */
static void processors_preempt(uint32_t priority)
{
	const struct application_processor *lowest = application_processors[1];

	for (uint32_t i = 2; i <= application_processor_count; i++)
		if (application_processors[i]->priority > lowest->priority)
			lowest = application_processors[i];
	if (lowest->priority > priority)
		application_processor_interrupt(lowest);
}

void application_ready(struct application_thread *thread)
{
	struct application_processor *processor = processor_choose_idle(thread);

	assert_held(application);
	list_remove(&thread->queue);
	if (processor) {
		idle_processors &= ~processor_bit(processor);
		thread_give(thread, processor);
		if (processor->halted)
			application_processor_interrupt(processor);
	} else if (thread_keeps_processor(thread)) {
		thread_give(thread, thread->processor);
		application_processor_interrupt(thread->processor);
	} else {
		thread->state = APPLICATION_READY;
		ready_queue_insert(&ready, &thread->queue, thread->priority);
		processors_preempt(thread->priority);
	}
}

/* Leaves the active space if the boot processor wants this processor out of it. */
static void space_leave_if_asked(void)
{
	const struct application_space *leaving = this_processor->leaving;

	if (!leaving)
		return;
	if (this_processor->spaces.active == leaving)
		space_leave();
	this_processor->leaving = NULL;
}

/* Until there is something to see: see thread_give(). */
static void processor_halt(void)
{
	lock_order_sleep();
	(void)__atomic_exchange_n(&this_processor->halted, 1, __ATOMIC_SEQ_CST);
	if (!this_processor->next && !this_processor->leaving)
		cpu_wait_for_interrupt();
	this_processor->halted = 0;
}

static struct application_thread *next_take(void)
{
	struct application_thread *thread = this_processor->next;

	this_processor->next = NULL;
	return thread;
}

/* Waits until the processor is given a thread, and takes it. */
static inline __attribute__((always_inline)) struct application_thread *next_wait(void)
{
	for (uint32_t looks = IDLE_LOOKS; !this_processor->next;) {
		space_leave_if_asked();
		if (looks > 0) {
			looks--;
			cpu_pause();
		} else {
			processor_halt();
		}
	}
	space_leave_if_asked();
	return next_take();
}

static void registers_load(struct application_thread *thread)
{
	this_processor->loaded = thread;
	if (TRACE_COUNTS(this_processor->counts.switches, SWITCH))
		patch_call_on(trace_record_switch_on, this_processor->number, thread->tid,
			      thread->owner->space.container, thread->pid);
	thread->reload = false;
	application_registers_load(thread);
}

static struct application_thread *thread_load(struct application_thread *thread)
{
	this_processor->current = thread;
	space_load(&thread->owner->space);
	if (this_processor->loaded != thread || thread->reload)
		registers_load(thread);
	if (application_options.migrate)
		thread->resumed = cpu_cycles();
	return thread;
}

/* The thread that the processor was given, else the first of the queue; NULL: it is idle. */
static inline __attribute__((always_inline)) struct application_thread *thread_take(void)
{
	struct application_thread *thread;
	struct list *node;

	if (this_processor->next)
		return next_take();
	node = ready_queue_take(&ready);
	if (!node) {
		this_processor->priority = PRIORITY_IDLE;
		idle_processors |= processor_bit(this_processor);
		return NULL;
	}
	thread = list_entry(node, struct application_thread, queue);
	thread_assign(thread, application_processors[this_processor->number]);
	return thread;
}

bool application_has_ready(void)
{
	return ready.in_use != 0; /* one word: it is old as soon as it is read, locked or not */
}

struct application_thread *application_take_ready(void)
{
	struct application_thread *thread = NULL;
	struct list *node;

	assert_held(driver);
	application_lock();
	node = ready_queue_take(&ready);
	if (node) {
		thread = list_entry(node, struct application_thread, queue);
		thread->state = APPLICATION_FORWARDING;
	}
	application_unlock();
	return thread;
}

/*
 * A thread that the processor was given is already the processor's, and may have been asked to
 * leave it: the interrupt that says so may be the one that ended the wait.
 */
static inline __attribute__((always_inline)) struct application_thread *
schedule(struct application_thread *(*wait)(void))
{
	for (;;) {
		struct application_thread *thread;

		application_lock();
		thread = thread_take();
		application_unlock();
		if (!thread)
			thread = wait();
		if (!thread->stop)
			return thread_load(thread);
		application_lock();
		application_leave(thread, APPLICATION_STOPPED);
		application_unlock();
	}
}

PATCHED struct application_thread *application_schedule(void)
{
	return schedule(next_wait);
}

static struct application_thread *next_wait_traced(void)
{
	trace_record_on(this_processor->number, TRACE_IDLE_BEGIN, 0, 0);
	return next_wait();
}

static struct application_thread *schedule_traced(void)
{
	return schedule(next_wait_traced);
}

TRACE_FUNCTION(application_schedule, schedule_traced, IDLE_BEGIN);

typedef void insert_fn(struct ready_queue *queue, struct list *node, unsigned priority);

/* The thread makes way, to go on later unless it is to stop. */
static struct application_thread *thread_make_way(struct application_thread *thread,
						  insert_fn *insert)
{
	application_fpu_save(thread);
	application_lock();
	if (thread->stop) {
		application_leave(thread, APPLICATION_STOPPED);
	} else {
		application_leave(thread, APPLICATION_READY);
		insert(&ready, &thread->queue, thread->priority);
	}
	application_unlock();
	return application_schedule();
}

struct application_thread *application_yield(struct application_thread *thread)
{
	if (!ready_queue_has(&ready, thread->priority))
		return thread;
	return thread_make_way(thread, ready_queue_insert);
}

struct application_thread *application_look(struct application_thread *thread)
{
	space_leave_if_asked();
	if (thread->stop || this_processor->next ||
	    (thread->priority > 0 && ready_queue_has(&ready, thread->priority - 1)))
		return thread_make_way(thread, ready_queue_insert_front);
	return thread;
}

struct application_thread *application_tick(struct application_thread *thread)
{
	if (++thread->ticks < SLICE_TICKS)
		return thread;
	thread->ticks = 0;
	return application_yield(thread);
}

/*
 * Stops a thread that is ready or sleeps, and asks one that runs to leave its processor; the state
 * that it was in. To look and to act is one step under the lock: else a sleeping thread might be
 * woken in between, by a processor that sees its time has come.
 */
static enum application_state thread_stop_begin(struct application_thread *thread)
{
	enum application_state found;

	application_lock();
	found = thread->state;
	if (found == APPLICATION_RUNNING) {
		thread->stop = true;
		application_processor_interrupt(thread->processor);
	} else if (found == APPLICATION_READY) {
		ready_queue_remove(&ready, &thread->queue, thread->priority);
		thread->state = APPLICATION_STOPPED;
	} else if (found == APPLICATION_SLEEPING) {
		list_remove(&thread->queue);
		thread->state = APPLICATION_STOPPED;
	}
	application_unlock();
	return found;
}

/*
 * A running thread may send a message, or go to sleep, before it sees the request: so its state is
 * looked at anew. All states that end this are left by nobody but this processor.
 */
bool application_stop(struct application_thread *thread)
{
	const volatile enum application_state *state = &thread->state;
	enum application_state found;

	assert_held(driver);
	lock_order_sleep();
	while ((found = thread_stop_begin(thread)) == APPLICATION_RUNNING)
		while (*state == APPLICATION_RUNNING)
			cpu_pause();
	thread->stop = false;
	return found == APPLICATION_SLEEPING;
}

void application_space_abandon(const struct application_space *space)
{
	assert_held(driver);
	for (uint32_t i = 1; i <= application_processor_count; i++) {
		struct application_processor *processor = application_processors[i];
		if (processor->spaces.active != space)
			continue;
		processor->leaving = space;
		application_processor_interrupt(processor);
		while (processor->leaving)
			cpu_pause();
	}
}
