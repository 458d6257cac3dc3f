/*
 * The application kernel driver (Figure 4.4): the bootstrap threads' way to it. All of this runs on
 * the boot processor, in the kernel's calls, and is not preempted there: whoever holds the domain
 * `driver` is alone with the processes and threads of the application kernel, but for what its own
 * lock protects. Requests and arguments are a program's and may be anything; so may the content of
 * the shared area, at any time (castle/apkern.h says what is read of it).
 */
#include "kernel/appkern/castle/driver.h"

#include <castle/address_map.h>
#include <castle/apkern.h>
#include <castle/errno.h>
#include "kernel/appkern/local.h"
#include "kernel/appkern/lock.h"
#include "kernel/appkern/message.h"
#include "kernel/appkern/migrate.h"
#include "kernel/appkern/options.h"
#include "kernel/appkern/castle/report.h"
#include "kernel/appkern/scheduler.h"
#include "kernel/debug/trace.h"
#include "kernel/dev/device.h"
#include "kernel/fs/file.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/container.h"
#include "kernel/mem/page.h"
#include "kernel/mem/slab.h"
#include "kernel/proc/process.h"

/* What apkern_thread_ex_regs and apkern_thread_get_regs copy without floating-point state. */
#define REGISTERS_SIZE offsetof(struct castle_apkern_registers, fpu)

/* The caller's, made at its first thread. NULL when memory is out. */
static struct application_process *application_process_create(void)
{
	static uint32_t last_id GUARDED_BY(driver);
	struct application_process *process = kmem_alloc(sizeof *process);

	if (!process)
		return NULL;
	process->process = process_reference(current_process());
	process->space.container = current_thread->container;
	process->space.id = ++last_id;
	container_reference(process->space.container);
	list_init(&process->threads);
	return process;
}

/*
 * The process is going, or has given the device up: nothing of it may be left on any processor.
 * There may be no current thread, since the last one of a process that ends has left before.
 */
static void application_process_free(struct application_process *process)
{
	struct list *node, *following;

	list_for_each_safe (node, following, &process->threads) {
		struct application_thread *thread =
			list_entry(node, struct application_thread, siblings);
		application_stop(thread);
		application_thread_free(thread);
	}
	application_space_abandon(&process->space);
	container_release(process->space.container);
	process_release(process->process);
	kmem_free(process, sizeof *process);
}

static int apkern_open(struct file *file)
{
	file->data = NULL;
	return 0;
}

static void apkern_close(struct file *file)
{
	assert_held(driver);
	if (file->data)
		application_process_free(file->data);
}

/* Frees threads that have ended by themselves, in step 2 of Figure 4.2. */
static void application_process_reap(struct application_process *process)
{
	struct list *node, *following;

	list_for_each_safe (node, following, &process->threads) {
		struct application_thread *thread =
			list_entry(node, struct application_thread, siblings);
		/* Its bootstrap thread may still have to read the last message. */
		if (thread->state == APPLICATION_ENDED && !thread->area->bootstrap_has_msg)
			application_thread_free(thread);
	}
}

/* Where the kernel sees the shared area at `address`, which stays there with the container. */
static struct castle_apkern_area *area_find(struct container *container, uint32_t address)
{
	const uint32_t offset = address % PAGE_SIZE;
	char *page;

	if (address % sizeof(uint32_t) || offset + sizeof(struct castle_apkern_area) > PAGE_SIZE)
		return NULL;
	page = container_page(container, address);
	return page ? (struct castle_apkern_area *)(page + offset) : NULL;
}

/* Kept out of apkern_ioctl(), which is on the way of each forwarded call. */
__attribute__((noinline)) static int apkern_thread_create(struct file *file, uint32_t address)
{
	struct application_process *process = file->data;
	struct castle_apkern_area *area = area_find(current_thread->container, address);
	struct application_thread *thread;

	if (!area)
		return -EINVAL;
	if (!process)
		file->data = process = application_process_create();
	if (!process)
		return -ENOMEM;
	application_process_reap(process);
	thread = application_thread_create(process, area);
	if (!thread)
		return -ENOMEM;
	area->bootstrap_has_msg = 0;
	area->options = (application_options.poll ? CASTLE_APKERN_POLL : 0) |
			(application_options.combine ? CASTLE_APKERN_COMBINE : 0);
	return thread->id;
}

/* True if nothing can change the thread's registers but its bootstrap thread. */
static bool thread_is_blocked(const struct application_thread *thread)
{
	return thread->state >= APPLICATION_NEW && thread->state != APPLICATION_ENDED;
}

static void thread_set(struct application_thread *thread,
		       const struct castle_apkern_registers *registers)
{
	registers_set(&thread->registers, registers);
	thread->reload = true;
	/* The native thread that sets the registers has come back by that. */
	if (thread->state == APPLICATION_AWAY)
		migrate_return(thread);
}

static int fpu_set(struct application_thread *thread, uint32_t argument)
{
	struct fpu_image image;
	const int error = copy_from_user(&image, argument + REGISTERS_SIZE, sizeof image);

	if (error)
		return error;
	registers_set_fpu(&thread->registers, &image);
	return 0;
}

/* What is asked for, and the thread that it is about. */
static int registers_asked(const struct application_process *process, uint32_t argument,
			   struct castle_apkern_registers *registers,
			   struct application_thread **thread)
{
	const int error = copy_from_user(registers, argument, REGISTERS_SIZE);

	if (error)
		return error;
	*thread = application_thread_find(process, registers->thread);
	return *thread ? 0 : -EINVAL;
}

static int apkern_thread_ex_regs(const struct application_process *process, uint32_t argument)
{
	struct castle_apkern_registers registers;
	struct application_thread *thread;
	int error = registers_asked(process, argument, &registers, &thread);

	if (error)
		return error;
	if (!thread_is_blocked(thread))
		return -EBUSY;
	if (registers.flags & CASTLE_APKERN_FPU)
		error = fpu_set(thread, argument);
	if (!error)
		thread_set(thread, &registers);
	return error;
}

static int thread_get(struct application_thread *thread, struct castle_apkern_registers *registers,
		      uint32_t argument)
{
	registers_get(&thread->registers, registers);
	if (!thread->registers.fpu_used)
		registers->flags &= ~CASTLE_APKERN_FPU;
	if (registers->flags & CASTLE_APKERN_FPU &&
	    copy_to_user(argument + REGISTERS_SIZE, &thread->registers.fpu,
			 sizeof thread->registers.fpu) != 0)
		return -EFAULT;
	return copy_to_user(argument, registers, REGISTERS_SIZE);
}

/* Takes the thread off its processor if the flags ask for it. 0 if it is blocked then. */
static int thread_take_off(struct application_thread *thread, uint32_t flags)
{
	if (flags & CASTLE_APKERN_LEAVE && !migrate_is_granted(thread))
		return -EAGAIN;
	if (flags & (CASTLE_APKERN_STOP | CASTLE_APKERN_LEAVE) && application_stop(thread))
		local_sleep_interrupted(thread);
	return thread_is_blocked(thread) ? 0 : -EBUSY;
}

static int apkern_thread_get_regs(const struct application_process *process, uint32_t argument)
{
	struct castle_apkern_registers registers;
	struct application_thread *thread;
	int error = registers_asked(process, argument, &registers, &thread);

	if (error)
		return error;
	error = thread_take_off(thread, registers.flags);
	if (error)
		return error;
	error = thread_get(thread, &registers, argument);
	if (error)
		return error;
	error = thread->state == APPLICATION_FORWARDING ? CASTLE_APKERN_FORWARDED
							: CASTLE_APKERN_STOPPED;
	if (registers.flags & CASTLE_APKERN_LEAVE)
		migrate_leave(thread);
	return error;
}

static int apkern_thread_start(const struct application_process *process, uint32_t id)
{
	struct application_thread *thread = application_thread_find(process, id);

	if (!thread)
		return -EINVAL;
	if (thread->state != APPLICATION_NEW && thread->state != APPLICATION_STOPPED)
		return -EBUSY;
	application_lock();
	application_ready(thread);
	application_unlock();
	return 0;
}

/* Steps 6 and 7 of Figure 4.2. */
static inline __attribute__((always_inline)) int activate(struct application_thread *thread)
{
	if (thread->state != APPLICATION_FORWARDING)
		return -EBUSY;
	if (thread->message == CASTLE_APKERN_SYSTEM_CALL)
		registers_return(&thread->registers, thread->area->u.syscall.ret);
	application_lock();
	application_ready(thread);
	application_unlock();
	return 0;
}

PATCHED static int thread_activate(struct application_thread *thread)
{
	return activate(thread);
}

static int thread_activate_traced(struct application_thread *thread)
{
	trace_record(TRACE_ACTIVATE, current_thread->tid, 0);
	return activate(thread);
}

TRACE_FUNCTION(thread_activate, thread_activate_traced, ACTIVATE);

static int apkern_thread_activate(const struct application_process *process, uint32_t id)
{
	struct application_thread *thread = application_thread_find(process, id);

	return thread ? thread_activate(thread) : -EINVAL;
}

static int apkern_wait(const struct application_process *process, uint32_t id)
{
	struct application_thread *thread = application_thread_find(process, id);

	return thread ? message_wait(thread) : -EINVAL;
}

static int apkern_activate_and_wait(const struct application_process *process, uint32_t id)
{
	struct application_thread *thread = application_thread_find(process, id);
	int error;

	if (!thread)
		return -EINVAL;
	error = thread_activate(thread);
	return error ? error : message_wait(thread);
}

static int (*const requests[])(const struct application_process *, uint32_t) = {
	apkern_thread_ex_regs, apkern_thread_get_regs,
	apkern_thread_start,   apkern_thread_activate,
	apkern_wait,           apkern_activate_and_wait,
};

#define REQUEST_COUNT (sizeof requests / sizeof *requests)

static int apkern_ioctl(struct file *file, uint32_t request, user_addr_t argument)
{
	const struct application_process *process = file->data;
	const uint32_t index = request - CASTLE_APKERN_THREAD_EX_REGS;

	assert_held(driver);
	/* A descriptor that a fork or an exec passed on is of no use to the new container. */
	if (process && process->space.container != current_thread->container)
		return -EPERM;
	if (index < REQUEST_COUNT)
		return process ? requests[index](process, argument) : -EINVAL;
	return request == CASTLE_APKERN_THREAD_CREATE ? apkern_thread_create(file, argument)
						      : -ENOTTY;
}

static struct driver_lock apkern_lock UNGUARDED("a lock");
static const struct device_ops apkern_ops = {
	.open = apkern_open,
	.close = apkern_close,
	.read = report_read,
	.ioctl = apkern_ioctl,
	.lock = &apkern_lock,
};

static struct device apkern_device SET_AT_BOOT = { .name = "apkern", .ops = &apkern_ops };

int apkern_register(void)
{
	return device_register(&apkern_device);
}
