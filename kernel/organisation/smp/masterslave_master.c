/*
 * The master: serves the threads that slaves have handed over, and deals threads that are to run
 * their programs out. It is a policy of placement: the scheduler asks for a thread to go on with,
 * and gets one only if there is more to do with it than a call (a signal, an end), or if the master
 * has nothing to do but to run a program itself.
 */
#include <castle/abi.h>
#include "arch/ia32/context.h"
#include "arch/ia32/cpu.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/entry/leave.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/container.h"
#include "kernel/mem/container_directories.h"
#include "kernel/organisation/smp/masterslave.h"
#include "kernel/organisation/smp/masterslave_master.h"
#include "kernel/sched/scheduler.h"
#include "kernel/smp/cross_call.h"

/* The master's looks before it halts. */
#define MASTER_LOOKS 1000

struct mail masterslave_mail UNGUARDED("written by atomic instructions");
/* Taken out of the mail, and not served yet: linked by `next`. */
static struct list *received GUARDED_BY(scheduler);

/*
 * True if the call, one or a turn of one, reads or writes the floating-point registers in the
 * processor: those are saved since the thread left its slave.
 */
static inline bool needs_registers(const struct thread *thread)
{
	const uint32_t number = thread->frame.eax;

	return thread->fpu && thread->continuation != masterslave_trap &&
	       (number == CASTLE_CALL_fork || number == CASTLE_CALL_exec ||
		number == CASTLE_CALL_sigreturn);
}

/* Whether the slave has one for the container, which has got one. */
static inline bool has_directory(const struct container *container, uint32_t cpu)
{
	const struct container_directories *directories = &container->directories;

	return directories->others && directories->others[cpu];
}

/*
 * Gives a thread whose call was answered at once back to its slave. False if there is a better one,
 * or none that can run it.
 */
static inline bool give_back(struct thread *thread)
{
	struct container *container = thread->container;
	const uint32_t cpu = thread->place.cpu;
	struct slave *slave = &masterslave_slaves[cpu];

	if (slave->dealt > 1 && masterslave_free_slaves)
		return false;
	if (container->directory && !has_directory(container, cpu))
		return false;
	thread->place.fresh = true;
	mail_put(&slave->mail, thread);
	/* It may have gone on with one of a lower priority. */
	if (slave->mail.asks ||
	    (slave->runs != thread && masterslave_is_more_urgent(thread, slave)))
		masterslave_slave_interrupt_send(cpu);
	return true;
}

/* The call's result, and what else the thread has on its way. True if it is dealt out. */
static inline bool answer(struct thread *thread, int32_t result, const struct fpu_state *fpu)
{
	thread->frame.eax = result;
	if (thread->fpu != fpu)
		context_save(thread);
	current_thread = NULL;
	exit_work_clear(EXIT_WORK_SCHEDULE | EXIT_WORK_USER_SIGNAL);
	if (thread_deliverable(thread))
		return false;
	if (masterslave_serving && give_back(thread))
		masterslave_serving = NULL;
	else
		masterslave_deal(thread);
	return true;
}

/* The master owns every container page directory that has an owner. */
static inline bool is_prepared(const struct container *container)
{
	return !container->directory || container->directories.owner == MASTER;
}

/* A thread that a slave has no use for: to take a signal, or to go elsewhere. */
static bool come_back(struct thread *thread)
{
	if (thread_deliverable(thread))
		return false;
	masterslave_deal(thread);
	return true;
}

/*
 * Does what the thread has come for, and deals it out if that is all. False if the scheduler must
 * go on with it: it has a signal, or is to end; or its floating-point registers are to be loaded.
 */
static inline bool serve(struct thread *thread)
{
	const continuation_t continuation = thread->continuation;
	const struct fpu_state *fpu = thread->fpu;
	int32_t result;

	if (thread_is_dying(thread) || needs_registers(thread))
		return false;
	if (!is_prepared(thread->container) && !container_prepare(thread->container)) {
		if (masterslave_serving)
			masterslave_serving_end();
		thread_refuse(thread);
		thread_leave(thread);
		return true;
	}
	if (!continuation)
		return come_back(thread);
	thread->continuation = NULL;
	thread->state = THREAD_RUNNING;
	current_thread = thread;
	if (thread->container != active_container)
		container_activate(thread->container);
	result = continuation(thread);
	if (current_thread)
		return answer(thread, result, fpu);
	exit_work_clear(EXIT_WORK_SCHEDULE | EXIT_WORK_USER_SIGNAL);
	return true;
}

/* The same, and sees to what its slave counts. */
static inline bool serve_next(struct thread *thread)
{
	const bool done = serve(thread);

	if (masterslave_serving)
		masterslave_serving_end();
	return done;
}

/* The next thread that a slave has handed over. */
static inline struct thread *receive(void)
{
	struct list *node = masterslave_mail.newest;
	struct thread *thread;

	if (!received) {
		if (!node)
			return NULL;
		if (mail_take_alone(&masterslave_mail, node))
			return list_entry(node, struct thread, queue);
		received = mail_take(&masterslave_mail);
	}
	thread = list_entry(received, struct thread, queue);
	received = received->next;
	return thread;
}

/* Threads that were woken go first: those do not come without end, as calls may. */
static inline struct thread *kernel_next(void)
{
	if (__builtin_expect(ready_threads.in_use, 0))
		return placement_common_take();
	masterslave_serving = receive();
	return masterslave_serving;
}

static bool has_mail(void)
{
	return received || masterslave_mail.newest;
}

/*
 * A thread to run its program here, if no slave is free for it. The master then is interrupted by
 * what comes.
 */
static struct thread *program_take(void)
{
	struct list *node = ready_queue_take(&masterslave_programs);
	struct thread *thread;

	if (!node)
		return NULL;
	thread = list_entry(node, struct thread, queue);
	if (!thread_deliverable(thread) && masterslave_deal_out(thread))
		return NULL;
	thread->place.cpu = MASTER;
	return thread;
}

/* Something to do here, within some looks. */
static bool look(void)
{
	for (uint32_t looks = MASTER_LOOKS / MAIL_GLANCES; looks > 0; looks--)
		if (mail_glance(&masterslave_mail) || supervisor_pending())
			return true;
	return false;
}

/* Serves all that there is. A thread for the scheduler to go on with; NULL: none. */
static inline struct thread *serve_all(void)
{
	for (;;) {
		struct thread *thread;
		if (supervisor_pending())
			supervisor_run();
		thread = kernel_next();
		if (!thread || !serve_next(thread))
			return thread;
	}
}

/* From now on the master is interrupted when there is something. False if there is already. */
static bool ask(const struct thread *program)
{
	if (!program && masterslave_master_runs)
		masterslave_relieve();
	if (mail_ask(&masterslave_mail))
		return true;
	masterslave_mail.asks = 0;
	return false;
}

/*
 * Serves until there is a thread for the scheduler to go on with; NULL: nothing to do, and the
 * master will be interrupted when there is.
 */
static struct thread *master_take(void)
{
	masterslave_mail.asks = 0;
	for (;;) {
		struct thread *thread = serve_all();
		if (thread)
			return thread;
		thread = program_take();
		if (!thread && (masterslave_programs.in_use || look()))
			continue;
		if (ask(thread))
			return thread;
		if (thread)
			masterslave_keep(thread);
	}
}

static void master_give_back(struct thread *thread)
{
	if (!thread->continuation && !thread_deliverable(thread)) {
		masterslave_deal(thread);
		return;
	}
	thread->place.queue = &ready_threads;
	ready_queue_insert(&ready_threads, &thread->queue, thread->priority);
	if (current_thread)
		exit_work_set(EXIT_WORK_SCHEDULE);
}

/* The scheduler goes on with it: on its way out of the kernel, master_look() sees to it. */
static void master_run(struct thread *thread)
{
	thread->place.queue = &masterslave_programs;
	supervisor_raise(SUPERVISOR_RESCHEDULE);
}

static bool has(uint32_t priority)
{
	if (cpu_number != MASTER)
		return masterslave_slave_has(priority);
	return ready_threads.in_use || has_mail() ||
	       ready_queue_has(&masterslave_programs, priority) ||
	       (current_thread && masterslave_slaves[current_thread->place.cpu].dealt);
}

/* A thread is the current one, about to run its program: elsewhere, if there is a place. */
static void master_look(void)
{
	struct thread *thread = current_thread;

	if (!thread)
		return;
	if (kernel_exit_work & EXIT_WORK_USER_SIGNAL)
		leave_take_signals();
	if (current_thread != thread || kernel_exit_work & EXIT_WORK_SCHEDULE)
		return;
	if (thread->place.cpu == MASTER && masterslave_mail.asks && !masterslave_free_slaves) {
		if (has_mail() || ready_threads.in_use)
			exit_work_set(EXIT_WORK_SCHEDULE);
		return;
	}
	scheduler_stop_current();
	masterslave_deal(thread);
}

static void look_work(void)
{
	if (cpu_number == MASTER)
		master_look();
	else
		masterslave_slave_look();
}

static void master_started(void)
{
	masterslave_free_slaves = cross_call_others();
	supervisor_register(SUPERVISOR_RESCHEDULE, look_work);
}

static void nothing(struct thread *thread)
{
	(void)thread;
}

static int32_t master_home(const struct thread *thread)
{
	(void)thread;
	return -1;
}

const struct placement_policy masterslave_placement = {
	.threads_move = true,
	.started = master_started,
	.discard = nothing,
	.admit = nothing,
	.run = master_run,
	.take = master_take,
	.give_back = master_give_back,
	.has = has,
	.home = master_home,
	.forget = masterslave_forget,
};
