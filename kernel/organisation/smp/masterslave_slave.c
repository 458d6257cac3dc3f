/*
 * A slave: runs the threads that the master deals to it, in turn and by priority, and hands each
 * that enters the kernel over. All of it is with interrupts off but the wait for mail.
 */
#include <castle/address_map.h>
#include <castle/errno.h>
#include "arch/ia32/context.h"
#include "arch/ia32/cpu.h"
#include "arch/ia32/descriptor.h"
#include "arch/ia32/smp/apic.h"
#include "arch/ia32/trap.h"
#include "kernel/debug/trace.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/lock/domain.h"
#include "kernel/measure/account.h"
#include "kernel/measure/statistics.h"
#include "kernel/mem/container.h"
#include "kernel/mem/container_directories.h"
#include "kernel/mem/page.h"
#include "kernel/organisation/smp/masterslave.h"
#include "kernel/sched/scheduler.h"

#define SLICE_TICKS 5 /* as the kernel's (kernel/sched/scheduler.c) */

struct slave masterslave_slaves[CASTLE_CPUS_MAX] UNGUARDED("each says whose what is");

static struct gate gates[VECTOR_COUNT] SET_AT_BOOT;

static CPU_LOCAL struct slave *this_slave;

/* Threads that have been dealt to this slave, and do not run. */
static CPU_LOCAL struct ready_queue *own;
static struct ready_queue *owns SET_AT_BOOT; /* by processor */

/* The container page directory that is loaded; NULL: the global one. */
static CPU_LOCAL page_entry_t *loaded_directory;

/* This slave's for the container; NULL: that runs in the global one. */
static inline page_entry_t *directory_of(const struct container *container)
{
	return container->directory ? container->directories.others[cpu_number] : NULL;
}

/* The container may have got a directory of its own since it was here last. */
static inline bool space_is_loaded(const struct container *container)
{
	return container == active_container && directory_of(container) == loaded_directory;
}

static void space_load(struct container *container)
{
	if (space_is_loaded(container))
		return;
	active_container = container;
	loaded_directory = directory_of(container);
	if (loaded_directory)
		paging_switch(loaded_directory);
	else
		paging_switch_global(container_initial_entry(container));
}

/* The base of %gs that is loaded. */
static CPU_LOCAL uint32_t loaded_tls;

static void thread_load(struct thread *thread)
{
	statistic_switches++;
	current_thread = thread;
	space_load(thread->container);
	loaded_tls = thread->tls_base;
	context_load(NULL, thread);
}

/* It is in the master's hands then, and may be anywhere, or nowhere any more. */
static void hand_over(struct thread *thread, continuation_t continuation)
{
	thread->continuation = continuation;
	mail_put(&masterslave_mail, thread);
	if (masterslave_mail.asks)
		apic_send(cpus[MASTER].apic_id, APIC_LINE_RESCHEDULE);
}

/*
 * What has come goes behind what is there; but a call that was answered at once changes no turns.
 */
static void sort(struct list *node)
{
	while (node) {
		struct thread *thread = list_entry(node, struct thread, queue);
		node = node->next;
		if (thread->place.fresh)
			ready_queue_insert_front(own, &thread->queue, thread->priority);
		else
			ready_queue_insert(own, &thread->queue, thread->priority);
	}
}

static void mail_sort(struct slave *slave)
{
	sort(mail_take(&slave->mail));
}

/* Without further ado where one thread has come, and nobody else waits. */
static inline struct thread *thread_take(struct slave *slave)
{
	struct list *node = slave->mail.newest;

	if (node) {
		node = mail_take(&slave->mail);
		if (!node->next && !own->in_use)
			return list_entry(node, struct thread, queue);
		sort(node);
	}
	node = ready_queue_take(own);
	return node ? list_entry(node, struct thread, queue) : NULL;
}

/* Until there is mail. A slave that waits for long is in no container. */
static void mail_await(struct slave *slave)
{
	uint32_t looks = MASTERSLAVE_LOOKS;

	lock_order_sleep();
	account_idle_begin();
	container_deactivate();
	while (!slave->mail.newest && looks-- > 0)
		cpu_pause();
	if (mail_ask(&slave->mail))
		cpu_wait_for_interrupt();
	slave->mail.asks = 0;
	account_idle_end();
}

/*
 * The slave goes on with the thread: from now on the master interrupts it for one of a higher
 * priority. False if something has come before, which the master may not have interrupted it for:
 * the thread is in the queue again.
 */
static bool settle(struct slave *slave, struct thread *thread)
{
	__atomic_store_n(&slave->runs, thread, __ATOMIC_SEQ_CST);
	if (!slave->mail.newest)
		return true;
	ready_queue_insert_front(own, &thread->queue, thread->priority);
	return false;
}

/* The next thread, loaded. One with a signal to take is the master's at once. */
static struct thread *thread_next(void)
{
	struct slave *slave = this_slave;

	for (;;) {
		struct thread *thread = thread_take(slave);
		if (!thread) {
			mail_await(slave);
		} else if (thread_deliverable(thread)) {
			hand_over(thread, NULL);
		} else if (settle(slave, thread)) {
			exit_work_clear(~EXIT_WORK_ACCOUNT);
			thread_load(thread);
			return thread;
		}
	}
}

/*
 * The thread that this slave has handed over is all that has come: true if it was answered at once,
 * and the processor is as it left it; it then is the current one as if it had never been away. (Of
 * a signal that it has got meanwhile an interrupt will tell.) Else it is in this slave's queue.
 */
static inline bool is_back(struct thread *thread, const struct fpu_state *fpu)
{
	if (thread->place.fresh && thread->fpu == fpu && thread->tls_base == loaded_tls &&
	    space_is_loaded(thread->container)) {
		current_thread = thread;
		return true;
	}
	sort(&thread->queue);
	return false;
}

/* Looks for mail, unless the master keeps what it was given. NULL: none. */
static inline struct list *mail_look(const struct slave *slave, uint32_t kept)
{
	uint32_t looks = MASTERSLAVE_LOOKS / MAIL_GLANCES;
	struct list *node;

	do
		node = mail_glance(&slave->mail);
	while (!node && slave->kept == kept && --looks > 0);
	return node;
}

/*
 * Hands the current thread over, and goes on with it if it is back soon, since most calls are short
 * and the thread had not used its turn up; else with another.
 */
static inline struct thread *leave(struct thread *thread, continuation_t continuation)
{
	struct slave *slave = this_slave;
	const struct fpu_state *fpu = thread->fpu;
	const uint32_t kept = slave->kept;
	struct list *node;

	if (fpu)
		context_save(thread);
	current_thread = NULL;
	hand_over(thread, continuation);
	node = mail_look(slave, kept);
	if (node == &thread->queue && mail_take_alone(&slave->mail, node) && is_back(thread, fpu))
		return thread;
	return thread_next();
}

static inline void account_come(void)
{
	if (__builtin_expect(account_running, 0))
		account_enter();
}

static inline struct thread *account_go(struct thread *thread)
{
	if (__builtin_expect(account_running, 0))
		account_leave();
	return thread;
}

/* The event log's, which goes by the account's time. */
static void come_traced(uint32_t vector)
{
	account_come();
	trace_enter(vector);
}

static struct thread *go_traced(struct thread *thread)
{
	account_go(thread);
	trace_leave();
	return thread;
}

struct thread *slave_call(struct thread *thread)
{
	account_come();
	return account_go(leave(thread, masterslave_call));
}

static struct thread *call_traced(struct thread *thread)
{
	come_traced(VECTOR_SYSCALL);
	return go_traced(leave(thread, masterslave_call));
}

TRACE_FUNCTION(slave_call, call_traced, KERNEL_ENTER);

/*
 * Takes over what the container's directory has at `address` and this slave's has not yet: true
 * then. (Where both have something it is the same, but for the bits that processors set.)
 */
static bool directory_catch_up(struct container *container, uint32_t address)
{
	const uint32_t index = PAGE_DIRECTORY_INDEX(address);
	page_entry_t *directory;

	if (!container->directory || address < CASTLE_CONTAINER_BASE || address >= CASTLE_USER_END)
		return false;
	directory = container->directories.others[cpu_number];
	if (directory[index] & PAGE_PRESENT || !(container->directory[index] & PAGE_PRESENT))
		return false;
	directory[index] = container->directory[index];
	statistic_entries++;
	return true;
}

static struct thread *exception_take(struct thread *thread)
{
	if (thread->frame.vector == VECTOR_PAGE_FAULT) {
		const uint32_t address = cr2_read();
		if (directory_catch_up(thread->container, address))
			return thread;
		thread->frame.pusha_esp = address;
	}
	return leave(thread, masterslave_trap);
}

struct thread *slave_exception(struct thread *thread)
{
	account_come();
	return account_go(exception_take(thread));
}

static struct thread *exception_traced(struct thread *thread)
{
	come_traced(0);
	return go_traced(exception_take(thread));
}

TRACE_FUNCTION(slave_exception, exception_traced, KERNEL_ENTER);

/* The current thread goes behind the others of its priority, or in front of them. */
static struct thread *make_way(struct thread *thread)
{
	struct slave *slave = this_slave;

	context_save(thread);
	current_thread = NULL;
	mail_sort(slave);
	if (thread->slice > 0) {
		ready_queue_insert_front(own, &thread->queue, thread->priority);
	} else {
		thread->slice = SLICE_TICKS;
		ready_queue_insert(own, &thread->queue, thread->priority);
	}
	return thread_next();
}

static struct thread *work_do(struct thread *thread)
{
	supervisor_run();
	if (kernel_exit_work & EXIT_WORK_USER_SIGNAL)
		return leave(thread, NULL);
	if (kernel_exit_work & EXIT_WORK_SCHEDULE)
		return make_way(thread);
	return thread;
}

struct thread *slave_interrupt(struct thread *thread)
{
	interrupt_dispatch(thread->frame.vector - VECTOR_INTERRUPTS);
	if (!(kernel_exit_work & ~EXIT_WORK_ACCOUNT))
		return thread;
	account_come();
	return account_go(work_do(thread));
}

static struct thread *interrupt_traced(struct thread *thread)
{
	come_traced(0);
	interrupt_dispatch(thread->frame.vector - VECTOR_INTERRUPTS);
	return go_traced(kernel_exit_work & ~EXIT_WORK_ACCOUNT ? work_do(thread) : thread);
}

TRACE_FUNCTION(slave_interrupt, interrupt_traced, KERNEL_ENTER);

bool masterslave_slave_has(uint32_t priority)
{
	struct slave *slave = this_slave;

	mail_sort(slave);
	return ready_queue_has(own, priority);
}

/* A thread that is to end does not wait for its turn. */
static void dying_hand_over(uint32_t priority)
{
	struct list *node, *following, *threads = &own->threads[priority];

	list_for_each_safe (node, following, threads) {
		struct thread *thread = list_entry(node, struct thread, queue);
		if (!thread_is_dying(thread))
			continue;
		ready_queue_remove(own, node, priority);
		hand_over(thread, NULL);
	}
}

/* Others are idle: one that waits is for them. */
static void waiting_hand_over(void)
{
	struct list *node = current_thread ? ready_queue_take(own) : NULL;

	this_slave->crowded = false;
	if (node)
		hand_over(list_entry(node, struct thread, queue), NULL);
}

void masterslave_slave_look(void)
{
	struct slave *slave = this_slave;

	mail_sort(slave);
	for (uint32_t left = own->in_use; left; left &= left - 1)
		dying_hand_over(__builtin_ctz(left));
	if (this_slave->crowded)
		waiting_hand_over();
}

/* Every vector leads here, none into the kernel; double faults to their task. */
int masterslave_slaves_init(uint32_t count)
{
	uint32_t order = 0;

	while (PAGE_SIZE << order < count * sizeof *owns)
		order++;
	owns = page_alloc_run(order);
	if (!owns)
		return -ENOMEM;
	for (unsigned vector = 0; vector < VECTOR_INTERRUPTS + VECTOR_INTERRUPTS_COUNT; vector++)
		gates[vector] = gate_make(slave_stubs[vector], GATE_INTERRUPT);
	gates[VECTOR_BREAKPOINT].high |= GATE_USER;
	gates[VECTOR_OVERFLOW].high |= GATE_USER;
	gates[VECTOR_DOUBLE_FAULT] = (struct gate){ SEGMENT_FAULT_TSS << 16, GATE_TASK };
	gates[VECTOR_SYSCALL] = gate_make((uint32_t)slave_entry_int80, GATE_INTERRUPT | GATE_USER);
	return 0;
}

void masterslave_slave(void)
{
	interrupts_off();
	this_slave = &masterslave_slaves[cpu_number];
	own = &owns[cpu_number];
	ready_queue_init(own);
	trap_own_way(gates, sizeof gates, (uint32_t)slave_entry_sysenter);
	slave_resume(thread_next());
}
