/*
 * Kills a process at the n-th point of a kind: what is written to /dev/killnth is the kind's letter
 * and n ("b3": the third time that one of the writer's threads waits); "0" ends it. Read from it
 * comes struct nth_state. The point itself is in the middle of something and holds locks, so the
 * signal is sent by second-level interrupt work: on this processor's next way out of the kernel,
 * before another thread is chosen. On one processor, runs repeat.
 */
#include "kernel/debug/kill.h"

#include <castle/abi.h>
#include <castle/errno.h>
#include <stdint.h>
#include "kernel/debug/nth.h"
#include "kernel/dev/device.h"
#include "kernel/dev/driver.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"
#include "kernel/sched/thread.h"

#define TEXT_MAX 8

static const char letters[] = { [KILL_LOCK] = 'l', [KILL_BLOCK] = 'b', [KILL_WAKE] = 'w' };

static const struct process *chosen UNGUARDED("a test has one process that writes it");
static int32_t chosen_pid UNGUARDED("the chosen process's");
static int32_t doomed_pid UNGUARDED("the chosen process's; 0: none");
static uint32_t chosen_class UNGUARDED("the chosen process's");
static uint32_t wanted UNGUARDED("the chosen process's");
static struct nth_state state UNGUARDED("the chosen process's");

void kill_point(const struct thread *thread, enum kill_class class)
{
	if (!chosen || thread->process != chosen || class != chosen_class)
		return;
	if (++state.seen != wanted)
		return;
	doomed_pid = chosen_pid;
	supervisor_raise(SUPERVISOR_DRIVER);
}

void kill_point_here(enum kill_class class)
{
	if (current_thread)
		kill_point(current_thread, class);
}

static void kill_work(void)
{
	struct process *process;

	if (!doomed_pid)
		return;
	tasks_enter();
	process = process_find(doomed_pid);
	doomed_pid = 0;
	chosen = NULL;
	if (process) {
		state.reached = 1;
		signal_post(process, CASTLE_SIGKILL);
		process_release(process);
	}
	tasks_leave();
}

/* The class that a letter stands for; or their number. */
static uint32_t class_of(char letter)
{
	uint32_t class = 0;

	while (class < sizeof letters && letters[class] != letter)
		class ++;
	return class;
}

static int kill_write(struct file *file, user_addr_t buffer, uint32_t size)
{
	char text[TEXT_MAX];
	uint32_t number;
	int error;

	(void)file;
	if (size == 0 || size > sizeof text)
		return -EINVAL;
	error = copy_from_user(text, buffer, size);
	if (error)
		return error;
	chosen = NULL;
	if (text[0] == '0')
		return size;
	if (class_of(text[0]) == sizeof letters)
		return -EINVAL;
	error = nth_number(text + 1, size - 1, &number);
	if (error)
		return error;
	chosen_class = class_of(text[0]);
	chosen_pid = current_process()->pid;
	wanted = number;
	state = (struct nth_state){ 0, 0 };
	chosen = current_process();
	return size;
}

static int kill_read(struct file *file, user_addr_t buffer, uint32_t size)
{
	(void)file;
	return nth_read(&state, buffer, size);
}

static struct driver_lock kill_lock UNGUARDED("a lock");
static const struct device_ops kill_ops = { .read = kill_read,
					    .write = kill_write,
					    .lock = &kill_lock };
static struct device kill_device SET_AT_BOOT = { .name = "killnth", .ops = &kill_ops };

static int kill_start(void)
{
	supervisor_register(SUPERVISOR_DRIVER, kill_work);
	return device_register(&kill_device);
}

static const struct driver kill_driver = { .name = "killnth", .start = kill_start };
DRIVER(kill_driver);
