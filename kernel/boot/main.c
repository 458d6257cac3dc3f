/*
 * The kernel's start: from the boot loader to the first program, in the order in which things need
 * each other.
 */
#include <castle/errno.h>
#include "arch/ia32/acpi.h"
#include "arch/ia32/cpu.h"
#include "arch/ia32/fpu.h"
#include "arch/ia32/interrupt.h"
#include "arch/ia32/pit.h"
#include "arch/ia32/processor.h"
#include "arch/ia32/segments.h"
#include "arch/ia32/trap.h"
#include "boot/boot_info.h"
#include "kernel/boot/boot_memory.h"
#include "kernel/calls/info.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/kernel_page.h"
#include "kernel/boot/modules.h"
#include "kernel/boot/options.h"
#include "kernel/dev/power.h"
#include "kernel/debug/lock_order.h"
#include "kernel/debug/panic.h"
#include "kernel/debug/symbols.h"
#include "kernel/debug/trace.h"
#include "kernel/dev/console.h"
#include "kernel/dev/driver.h"
#include "kernel/dev/fw_cfg.h"
#include "kernel/dev/screen.h"
#include "kernel/fs/file.h"
#include "kernel/fs/inode.h"
#include "kernel/fs/record_lock.h"
#include "kernel/fs/path.h"
#include "kernel/ipc/mailbox.h"
#include "kernel/ipc/pipe.h"
#include "kernel/lib/print.h"
#include "kernel/mem/container.h"
#include "kernel/mem/page.h"
#include "kernel/mem/slab.h"
#include "kernel/organisation/organisation.h"
#include "kernel/proc/process.h"
#include "kernel/proc/thread.h"
#include "kernel/sched/scheduler.h"
#include "kernel/proc/signal.h"
#include "kernel/sched/futex.h"
#include "kernel/time/clock.h"
#include "kernel/time/timer.h"

#define COMMAND_LINE_ITEM  "opt/castle/cmdline"
#define COMMAND_LINE_MAX   2048
#define STATUS_BAD_OPTIONS 2
#define STATUS_NO_INIT     2
#define STATUS_NO_TIMER    2
#define TIMER_TRIES        1000u

extern const char boot_stack_top[], boot_fault_stack_top[];

/* Until the command line is read, there is nothing but this. */
struct kernel_options kernel_options SET_AT_BOOT = { .mode_name = "not yet chosen" };

/* Where the entry code finds this processor's kernel stack. */
CPU_LOCAL const char *kernel_stack_top;

/* QEMU's command line replaces the boot loader's, so that one ISO serves every run. */
static void options_read(void)
{
	static char line[COMMAND_LINE_MAX] SET_AT_BOOT;
	char error[OPTIONS_ERROR_MAX];
	const char *source = boot_info.command_line;
	const int length = fw_cfg_read_string(COMMAND_LINE_ITEM, line, sizeof line);

	if (length == -E2BIG) {
		kprintf("command line: longer than %u characters\n", COMMAND_LINE_MAX - 1);
		power_off(STATUS_BAD_OPTIONS);
	}
	if (length >= 0)
		source = line;
	if (options_parse(&kernel_options, source, error) != 0) {
		kprintf("command line: %s\n", error);
		power_off(STATUS_BAD_OPTIONS);
	}
}

static void caches_init(void)
{
	kmem_init();
	thread_init_caches();
	process_init_caches();
	container_init_cache(!kernel_options.organisation->keeps_translations);
	signal_init_cache();
	file_init_cache();
	record_lock_init();
	pipe_init_cache();
	mailbox_init_cache();
	fpu_init();
}

/* All time is counted by it. The first reads after it has been set may still find what was there
 * before. */
static void timer_check(void)
{
	for (uint32_t tries = 0; tries < TIMER_TRIES; tries++)
		if (pit_read() <= PIT_DIVISOR(TICK_HZ))
			return;
	kprintf("Castle: this machine has no 8254, the timer of a PC, which Castle needs\n");
	power_off(STATUS_NO_TIMER);
}

static void directories_create(void)
{
	if (inode_root_create() != 0)
		panic("no memory for the file system");
	path_mkdir(inode_root(), "/bin", 0755);
	path_mkdir(inode_root(), "/dev", 0755);
	path_mkdir(inode_root(), "/tmp", 0777);
}

static void banner_print(void)
{
	kprintf("Castle: mode %s, %u CPU%s, %u MB of memory, %u boot modules\n", mode_name(),
		kernel_page->cpus, kernel_page->cpus == 1 ? "" : "s",
		page_count_total() / (1024 * 1024 / PAGE_SIZE), boot_info.module_count);
}

static void init_start(void)
{
	int error;

	lock_domains_in_force();
	error = process_start_init();
	if (error) {
		kprintf("/bin/init cannot be started (error %d)\n", -error);
		power_off(STATUS_NO_INIT);
	}
	scheduler_run();
	boot_first_user_cycles = cpu_cycles();
	trap_resume();
}

/* Called by the first instructions in boot/header.S; never returns. */
void kernel_main(uint32_t magic, const void *information);

void kernel_main(uint32_t magic, const void *information)
{
	console_init();
	boot_info_read(magic, information);
	screen_choose();
	symbols_init();
	acpi_init();
	options_read();
	processor_detect();
	organisation_find();
	trap_choose_way(organisation_way());
	locks_choose(kernel_options.organisation);
	boot_memory_init();
	lock_order_processor_init(CPU_LOCAL_MADE(0, held_locks), 0, NULL);
	kernel_stack_top = boot_stack_top;
	segments_init((uint32_t)boot_fault_stack_top);
	caches_init();
	fpu_init_processor();
	kernel_page_create();
	trap_init(kernel_page);
	trap_init_processor();
	interrupt_init(organisation_controller());
	trace_create_ring(0, false);
	scheduler_init();
	futex_init();
	clock_init();
	timer_check();
	directories_create();
	drivers_start();
	kernel_page->cpus = 1;
	organisation_start();
	banner_print();
	modules_load();
	init_start();
}
