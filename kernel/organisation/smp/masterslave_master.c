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

/* The master's looks before it halts. */
#define MASTER_LOOKS 1000

struct mail masterslave_mail UNGUARDED("written by atomic instructions");
bool masterslave_master_runs SET_AT_BOOT = true;

/* Threads that may run their programs on the master; those that it serves wait in ready_threads. */
static struct ready_queue programs GUARDED_BY(scheduler);
/* Taken out of the mail, and not served yet: linked by `next`. */
static struct list *received GUARDED_BY(scheduler);
/* Slaves with no thread at all, a bit each. */
static uint32_t free_slaves GUARDED_BY(scheduler);
/* Those with more than one. */
static uint32_t crowded_slaves GUARDED_BY(scheduler);
/* The thread that is served, while its slave counts it as one of its own. */
static struct thread *serving GUARDED_BY(scheduler);

static void slave_interrupt_send(uint32_t cpu)
{
	apic_send(cpus[cpu].apic_id, APIC_LINE_RESCHEDULE);
}

/* A processor has nothing to do: a slave with several threads hands one over that waits. */
static void relieve(void)
{
	if (crowded_slaves) {
		const uint32_t cpu = __builtin_ctz(crowded_slaves);
		masterslave_slaves[cpu].crowded = true;
		slave_interrupt_send(cpu);
	}
}

static inline void bit_set_if(uint32_t *bits, uint32_t cpu, bool condition)
{
	*bits = (*bits & ~(1u << cpu)) | (uint32_t)condition << cpu;
}

static void slave_count(uint32_t cpu, uint32_t difference)
{
	struct slave *slave = &masterslave_slaves[cpu];

	slave->dealt += difference;
	bit_set_if(&free_slaves, cpu, slave->dealt == 0);
	bit_set_if(&crowded_slaves, cpu, slave->dealt > 1);
	if (slave->dealt == 0)
		relieve();
}

/* The thread that is served stays for longer, or goes elsewhere. */
static void serving_end(void)
{
	const uint32_t cpu = serving->place.cpu;

	serving = NULL;
	masterslave_slaves[cpu].kept++;
	slave_count(cpu, -1u);
}

static uint32_t slave_fewest(uint32_t best)
{
	for (uint32_t cpu = MASTER + 1; cpu < cpu_count; cpu++)
		if (best == MASTER ||
		    masterslave_slaves[cpu].dealt < masterslave_slaves[best].dealt)
			best = cpu;
	return best;
}

/*
 * The processor for a thread that is to run its program: the slave that it ran on last, or another
 * one, if that is free; else the master, if it has no program; else the slave with the fewest.
 */
static uint32_t processor_choose(const struct thread *thread)
{
	const uint32_t last = thread->place.cpu;

	if (free_slaves & 1u << last)
		return last;
	if (free_slaves)
		return __builtin_ctz(free_slaves);
	if (masterslave_master_runs && !programs.in_use)
		return MASTER;
	return slave_fewest(last);
}

/*
 * The priority of what the slave runs; above all others if that is nothing: it looks by itself, or
 * asks to be interrupted.
 */
static uint32_t running_priority(uint32_t cpu)
{
	const struct thread *current = *CPU_LOCAL_OF(cpu, current_thread);

	return current ? current->priority : 0;
}

static void keep(struct thread *thread)
{
	thread->state = THREAD_READY;
	thread->place.queue = &programs;
	ready_queue_insert(&programs, &thread->queue, thread->priority);
}

static void deal_to(struct thread *thread, uint32_t cpu)
{
	struct slave *slave = &masterslave_slaves[cpu];
	const uint32_t priority = thread->priority;

	thread->state = THREAD_RUNNING;
	thread->place.cpu = cpu;
	thread->place.fresh = false;
	slave_count(cpu, 1);
	mail_put(&slave->mail, thread);
	if (slave->mail.asks || priority < running_priority(cpu))
		slave_interrupt_send(cpu);
}

/*
 * Gives a thread that has nothing left to do in the kernel to a slave, if it is for one. Without
 * memory for the slave to run its container with, it is not: the scheduler sees to that here.
 */
static bool deal_out(struct thread *thread)
{
	uint32_t cpu;

	if (thread == serving)
		serving_end();
	cpu = processor_choose(thread);
	if (cpu == MASTER || !container_prepare(thread->container) ||
	    !container_prepare_cpu(thread->container, cpu))
		return false;
	deal_to(thread, cpu);
	return true;
}

static void deal(struct thread *thread)
{
	if (!deal_out(thread))
		keep(thread);
}

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

	if (slave->dealt > 1 && free_slaves)
		return false;
	if (container->directory && !has_directory(container, cpu))
		return false;
	thread->place.fresh = true;
	mail_put(&slave->mail, thread);
	if (slave->mail.asks)
		slave_interrupt_send(cpu);
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
	if (serving && give_back(thread))
		serving = NULL;
	else
		deal(thread);
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
	deal(thread);
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

	if (serving)
		serving_end();
	return done;
}

/* The next thread that a slave has handed over. */
static inline struct thread *receive(void)
{
	struct thread *thread;

	if (!received) {
		if (!masterslave_mail.newest)
			return NULL;
		thread = mail_take_only(&masterslave_mail);
		if (thread)
			return thread;
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
	serving = receive();
	return serving;
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
	struct list *node = ready_queue_take(&programs);
	struct thread *thread;

	if (!node)
		return NULL;
	thread = list_entry(node, struct thread, queue);
	if (!thread_deliverable(thread) && deal_out(thread))
		return NULL;
	thread->place.cpu = MASTER;
	return thread;
}

/* Something to do here, within some looks. */
static bool look(void)
{
	for (uint32_t looks = MASTER_LOOKS; looks > 0; looks--) {
		if (masterslave_mail.newest || supervisor_pending())
			return true;
		cpu_pause();
	}
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
		struct thread *thread;
		if (supervisor_pending())
			supervisor_run();
		thread = kernel_next();
		if (thread) {
			if (!serve_next(thread))
				return thread;
			continue;
		}
		thread = program_take();
		if (!thread && (programs.in_use || look()))
			continue;
		if (!thread && masterslave_master_runs)
			relieve();
		if (mail_ask(&masterslave_mail))
			return thread;
		masterslave_mail.asks = 0;
		if (thread)
			keep(thread);
	}
}

static void master_give_back(struct thread *thread)
{
	if (!thread->continuation && !thread_deliverable(thread)) {
		deal(thread);
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
	thread->place.queue = &programs;
	supervisor_raise(SUPERVISOR_RESCHEDULE);
}

static bool has(uint32_t priority)
{
	if (cpu_number != MASTER)
		return masterslave_slave_has(priority);
	return ready_threads.in_use || has_mail() || ready_queue_has(&programs, priority) ||
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
	if (thread->place.cpu == MASTER && masterslave_mail.asks && !free_slaves) {
		if (has_mail() || ready_threads.in_use)
			exit_work_set(EXIT_WORK_SCHEDULE);
		return;
	}
	scheduler_stop_current();
	deal(thread);
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
	for (uint32_t cpu = MASTER + 1; cpu < cpu_count; cpu++)
		free_slaves |= 1u << cpu;
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

void masterslave_master_init(void)
{
	ready_queue_init(&programs);
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
