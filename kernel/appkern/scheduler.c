/*
 * Scheduling on the application processors, and stopping what runs there.
 */
#include "kernel/appkern/scheduler.h"

#include "arch/ia32/cpu.h"
#include "kernel/appkern/fpu.h"
#include "kernel/appkern/lock.h"
#include "kernel/appkern/options.h"
#include "kernel/appkern/processor.h"
#include "kernel/debug/trace.h"
#include "kernel/lock/domain.h"
#include "kernel/sched/ready_queue.h"

#define SLICE_TICKS   5 /* as the kernel's (kernel/sched/scheduler.c) */
#define PRIORITY_IDLE READY_QUEUE_PRIORITIES

/* Looks before an idle processor halts: it spares a forwarded call the wake-up. */
#define IDLE_LOOKS 100

volatile uint32_t application_lock_taken UNGUARDED("the lock itself");
LOCK_CLASS_UNRANKED(application_lock_class, "application kernel", 0);

static struct ready_queue ready GUARDED_BY(application_lock);
/* A bit for each that waits to be handed a thread. */
static uint32_t idle_processors GUARDED_BY(application_lock);

void application_scheduler_init(void)
{
	ready_queue_init(&ready);
}

static uint32_t bit_of(const struct application_processor *processor)
{
	return 1u << processor->number;
}

/* The idle processor for the thread; NULL if there is none. */
static struct application_processor *idle_choose(const struct application_thread *thread)
{
	if (thread->processor && idle_processors & bit_of(thread->processor))
		return thread->processor;
	return idle_processors ? application_processors[__builtin_ctz(idle_processors)] : NULL;
}

/* What a processor has loaded of the thread is old when it comes back from another one. */
static void assign(struct application_thread *thread, struct application_processor *processor)
{
	if (thread->processor != processor)
		thread->reload = true;
	thread->state = APPLICATION_RUNNING;
	thread->processor = processor;
	processor->priority = thread->priority;
}

/*
 * The exchange is a barrier too: either who hands over sees `halted`, or the processor sees `next`.
 */
static inline void hand_over(struct application_processor *processor,
			     struct application_thread *thread)
{
	assign(thread, processor);
	(void)__atomic_exchange_n(&processor->next, thread, __ATOMIC_SEQ_CST);
}

/*
 * A system call or page fault would not have cost it the processor in the kernel, either: whoever
 * has got the processor meanwhile makes way. Behind the others, a thread that forwards often would
 * get on once in their time slices.
 */
static bool goes_back(const struct application_thread *thread)
{
	const struct application_processor *processor = thread->processor;

	return thread->state == APPLICATION_FORWARDING && processor && !processor->next &&
	       processor->priority >= thread->priority;
}

/* Has the processor that runs the lowest priority look at the queue, if it is lower than this. */
static void preempt(uint32_t priority)
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
	struct application_processor *processor = idle_choose(thread);

	lock_order_expect(&application_lock_class, &application_lock_taken);
	list_remove(&thread->queue);
	if (processor) {
		idle_processors &= ~bit_of(processor);
		hand_over(processor, thread);
		if (processor->halted)
			application_processor_interrupt(processor);
	} else if (goes_back(thread)) {
		hand_over(thread->processor, thread);
		application_processor_interrupt(thread->processor);
	} else {
		thread->state = APPLICATION_READY;
		ready_queue_insert(&ready, &thread->queue, thread->priority);
		preempt(thread->priority);
	}
}

/* Another processor wants this one out of a space. */
static void leave_if_asked(void)
{
	const struct application_space *leaving = this_processor->leaving;

	if (!leaving)
		return;
	if (this_processor->spaces.active == leaving)
		space_leave();
	this_processor->leaving = NULL;
}

static bool has_news(void)
{
	return this_processor->next || this_processor->leaving;
}

static void halt(void)
{
	lock_order_sleep();
	(void)__atomic_exchange_n(&this_processor->halted, 1, __ATOMIC_SEQ_CST);
	if (!has_news())
		cpu_wait_for_interrupt();
	this_processor->halted = 0;
}

static struct application_thread *take_next(void)
{
	struct application_thread *thread = this_processor->next;

	this_processor->next = NULL;
	return thread;
}

/* Until a thread is handed over. */
static inline __attribute__((always_inline)) struct application_thread *idle(void)
{
	for (uint32_t looks = IDLE_LOOKS; !this_processor->next;) {
		leave_if_asked();
		if (looks > 0) {
			looks--;
			cpu_pause();
		} else {
			halt();
		}
	}
	leave_if_asked();
	return take_next();
}

/* What is in this processor of a thread, beyond its frame. */
static void registers_load(struct application_thread *thread)
{
	struct descriptor *tls = &this_processor->descriptors[SEGMENT_USER_TLS / 8];

	this_processor->loaded = thread;
	if (TRACE_COUNTS(this_processor->counts.switches, SWITCH))
		patch_call_on(trace_record_switch_on, this_processor->number, thread->tid,
			      thread->owner->space.container, thread->pid);
	thread->reload = false;
	this_processor->tss.esp0 = (uint32_t)(&thread->frame + 1);
	this_processor->sysenter_stack.frame_end = (uint32_t)(&thread->frame + 1);
	descriptor_set_base(tls, thread->tls);
	__asm__ volatile("movw %w0, %%gs" : : "r"(SEGMENT_USER_TLS));
	application_fpu_load(thread);
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

/* The thread that was handed over, or the first of the queue; NULL, and the processor is idle. */
static inline __attribute__((always_inline)) struct application_thread *take(void)
{
	struct application_thread *thread;
	struct list *node;

	if (this_processor->next)
		return take_next();
	node = ready_queue_take(&ready);
	if (!node) {
		this_processor->priority = PRIORITY_IDLE;
		idle_processors |= bit_of(this_processor);
		return NULL;
	}
	thread = list_entry(node, struct application_thread, queue);
	assign(thread, application_processors[this_processor->number]);
	return thread;
}

bool application_has_ready(void)
{
	return ready.in_use != 0;
}

struct application_thread *application_take_ready(void)
{
	struct application_thread *thread = NULL;
	struct list *node;

	application_lock();
	node = ready_queue_take(&ready);
	if (node) {
		thread = list_entry(node, struct application_thread, queue);
		thread->state = APPLICATION_FORWARDING;
	}
	application_unlock();
	return thread;
}

/* A thread that was handed over is already the processor's, and may have been asked to leave it:
 * the interrupt that says so may be the one that ended the wait. */
static bool is_stopped_meanwhile(struct application_thread *thread)
{
	if (!thread->stop)
		return false;
	application_lock();
	application_leave(thread, APPLICATION_STOPPED);
	application_unlock();
	return true;
}

static inline __attribute__((always_inline)) struct application_thread *
schedule(struct application_thread *(*wait)(void))
{
	struct application_thread *thread;

	do {
		application_lock();
		thread = take();
		application_unlock();
		if (!thread)
			thread = wait();
	} while (is_stopped_meanwhile(thread));
	return thread_load(thread);
}

PATCHED struct application_thread *application_schedule(void)
{
	return schedule(idle);
}

static struct application_thread *idle_traced(void)
{
	trace_record_on(this_processor->number, TRACE_IDLE_BEGIN, 0, 0);
	return idle();
}

static struct application_thread *schedule_traced(void)
{
	return schedule(idle_traced);
}

TRACE_FUNCTION(application_schedule, schedule_traced, IDLE_BEGIN);

typedef void insert_fn(struct ready_queue *queue, struct list *node, unsigned priority);

/* Makes way, to go on later unless it is to stop. */
static struct application_thread *leave_and_schedule(struct application_thread *thread,
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
	return leave_and_schedule(thread, ready_queue_insert);
}

struct application_thread *application_look(struct application_thread *thread)
{
	leave_if_asked();
	if (thread->stop || this_processor->next ||
	    (thread->priority > 0 && ready_queue_has(&ready, thread->priority - 1)))
		return leave_and_schedule(thread, ready_queue_insert_front);
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
static enum application_state stop_begin(struct application_thread *thread)
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

	lock_order_sleep();
	while ((found = stop_begin(thread)) == APPLICATION_RUNNING)
		while (*state == APPLICATION_RUNNING)
			cpu_pause();
	thread->stop = false;
	return found == APPLICATION_SLEEPING;
}

void application_space_abandon(const struct application_space *space)
{
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
