/*
 * A partition's life as its first processor sees it: the monitor puts the kernel into the
 * partition's memory and enters it, as a boot loader would; when the kernel switches off, or
 * panics, it comes back here (partition_leave()) and is either started anew or counted as ended.
 * Each partition has a stack here for that, and nothing that the dead kernel left is looked at.
 */
#include "kernel/partition/monitor.h"

#include <castle/errno.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/interrupt.h"
#include "arch/ia32/paging.h"
#include "arch/ia32/rtc.h"
#include "arch/ia32/smp/apic.h"
#include "arch/ia32/smp/cpu.h"
#include "arch/ia32/smp/delay.h"
#include "arch/ia32/smp/find.h"
#include "arch/ia32/smp/start.h"
#include "boot/multiboot2.h"
#include "kernel/boot/modules.h"
#include "kernel/debug/panic.h"
#include "kernel/dev/power.h"
#include "kernel/dev/uart.h"
#include "kernel/lib/options.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/page.h"
#include "kernel/partition/cut.h"
#include "kernel/partition/information.h"
#include "kernel/partition/load.h"
#include "kernel/partition/trampoline.h"
#include "kernel/partition/wire.h"
#include "kernel/time/timer.h"

#define STATUS_NO_PARTITIONS 2
#define STACK_SIZE           8192
#define COMMAND_LINE_MAX     (OPTIONS_RUN_MAX + 160)
#define NETWORK              "10.2.0.%u/24" /* of the card between partitions */
#define SERVE                "serve"
#define MEASURE_MS           50u /* in which the cycle counter is measured */

extern const char kernel_start[], kernel_read_only_end[];

__attribute__((noreturn)) void partition_call_unpaged(void (*function)(uint32_t), uint32_t argument,
						      void *stack_top);
__attribute__((noreturn)) void partition_enter(uint32_t entry, uint32_t magic,
					       uint32_t information);

static struct partition_area area __attribute__((aligned(PAGE_SIZE)))
UNGUARDED("kernel/partition/area.h says what each processor may write");
static struct processor_list found SET_AT_BOOT;
static page_entry_t *monitor_directory SET_AT_BOOT;
static volatile uint32_t running UNGUARDED("atomic: partitions that the machine waits for");

/* What each partition's processor runs the monitor on. */
static uint8_t stacks[PARTITIONS_MAX + 1][STACK_SIZE] UNGUARDED("a partition's processor's own");
/* That of the partition which is being started by the boot processor. */
static uint32_t starting SET_AT_BOOT;
static volatile bool started UNGUARDED("set by the processor that the boot processor waits for");

static void refuse(const char *reason)
{
	kprintf("Castle: mode %s: %s\n", mode_name(), reason);
	power_off(STATUS_NO_PARTITIONS);
}

/* Nothing is to be run in a partition that there is none of. */
static void runs_check(void)
{
	const char *text = kernel_options.run_at;

	for (; *text; text += strlen(text) + 1) {
		uint32_t number = 0;
		for (const char *digit = text; *digit != '='; digit++)
			number = number * 10 + (*digit - '0');
		if (number > area.count)
			refuse("a run@N= names a partition that there is none of");
	}
}

/* For how many partitions the processors suffice, with so many in each. */
static uint32_t partitions_possible(uint32_t cpus)
{
	const uint32_t count = (found.count + cpus - 1) / cpus;

	if (count <= PARTITIONS_MAX)
		return count;
	kprintf("Castle: %u processors left out: there are at most %u partitions\n",
		found.count - PARTITIONS_MAX * cpus, PARTITIONS_MAX);
	return PARTITIONS_MAX;
}

/* In their order; the last partition has those that are left, at most as many as the others. */
static void processors_give(uint32_t cpus)
{
	uint32_t given = 0;

	for (uint32_t number = 1; number <= area.count; number++) {
		struct partition *partition = &area.partitions[number];
		while (partition->cpus < cpus && given < found.count)
			partition->apic_ids[partition->cpus++] = found.apic_ids[given++];
	}
}

void partition_find(uint32_t cpus)
{
	uint32_t count;

	processors_find_usable(&found, kernel_options.cpus);
	if (found.count == 0)
		refuse("it needs a table of processors and their local APICs");
	count = partitions_possible(cpus);
	area.count = partition_cut(&area, count);
	if (area.count == 0)
		refuse("there is too little memory for a partition");
	if (area.count < count)
		kprintf("Castle: memory for %u partitions only\n", area.count);
	processors_give(cpus);
	if (area.wires)
		memset((void *)area.wires, 0, sizeof(struct partition_wires));
	partition_load_choose(cpus > 1);
	runs_check();
}

const struct interrupt_controller *partition_controller(void)
{
	cpu_map_apic(0, found.apic_address);
	return &interrupt_controller_apic;
}

static void *stack_top(uint32_t number)
{
	return stacks[number] + STACK_SIZE;
}

/*
 * Loads the partition's kernel and enters it. Without paging, on the partition's first processor.
 */
static void partition_begin(uint32_t number)
{
	struct partition *partition = &area.partitions[number];
	struct partition_image image;
	char line[COMMAND_LINE_MAX];
	uint32_t information;

	partition_load(partition->start, &image);
	*(uint32_t *)partition_symbol(&image, "partition_number") = number;
	*(struct partition_area **)partition_symbol(&image, "partition_area") = &area;
	ksnprintf(partition_symbol(&image, "partition_mode_name"), PARTITION_MODE_NAME_SIZE, "%s",
		  mode_name());
	ksnprintf(line, sizeof line, "machine=%s net.0=" NETWORK " affinity=%s lock=%s run=\"%s\"",
		  kernel_options.machine, number, kernel_options.affinity ? "on" : "off",
		  kernel_options.lock_always ? "always" : "auto", partition->run);
	information = partition_information(&image, line, partition->start, partition->end);
	partition->up_cycles = 0;
	partition->starts++;
	partition->state = CASTLE_PARTITION_RUNNING;
	partition_enter(image.entry, MULTIBOOT2_LOADER_MAGIC, information);
}

/* The machine's status is that of the partition whose is the highest. */
__attribute__((noreturn)) static void machine_end(void)
{
	uint32_t status = 0;

	for (uint32_t number = 1; number <= area.count; number++)
		if (area.partitions[number].status > status)
			status = area.partitions[number].status;
	cr4_write(cr4_read() | CR4_PSE);
	cr3_write(physical_of(monitor_directory));
	cr0_write(cr0_read() | CR0_PG | CR0_WP);
	power_off(status);
}

/* What the dead kernel had of the console. */
static void console_release(uint32_t number)
{
	uint32_t owner = number;

	__atomic_compare_exchange_n(&area.console_owner, &owner, 0, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
}

/* Messages that have not been taken are lost. Senders only ever add at the tail. */
static void messages_forget(struct partition *partition)
{
	struct partition_command *command = &partition->command;

	if (command->state == PARTITION_COMMAND_ASKED ||
	    command->state == PARTITION_COMMAND_RUNNING)
		command->state = PARTITION_COMMAND_LOST;
	partition->serves = false;
	for (uint32_t from = 1; from <= area.count; from++)
		partition->from[from].head = partition->from[from].tail;
	partition->waits = false;
	if (area.wires)
		partition_wires_empty(&area, partition - area.partitions);
}

/*
 * The partition's kernel has ended. Without paging, on its first processor; it has reset the
 * others.
 */
static void partition_end(uint32_t number)
{
	struct partition *partition = &area.partitions[number];

	console_release(number);
	trampoline_give_back(&area, number);
	messages_forget(partition);
	if (partition->status == PANIC_STATUS && partition->starts < PARTITION_STARTS_MAX) {
		partition->status = 0;
		partition_begin(number);
	}
	partition->state = CASTLE_PARTITION_ENDED;
	if (partition->counts && __atomic_sub_fetch(&running, 1, __ATOMIC_SEQ_CST) == 0)
		machine_end();
	cpu_halt_forever();
}

/* Called by the partition's kernel, in whose page directory this page is mapped where it lies. */
static void partition_leave(uint32_t number, uint32_t status)
{
	area.partitions[number].died_cycles = cpu_cycles();
	area.partitions[number].status = status;
	partition_call_unpaged(partition_end, number, stack_top(number));
}

/* What the processor had to start with, it needs no longer. */
static void processor_begin(uint32_t number)
{
	started = true;
	partition_begin(number);
}

/* Where a further processor comes from the trampoline. */
static void processor_main(void)
{
	partition_call_unpaged(processor_begin, starting, stack_top(starting));
}

/* What run@N= says for a partition; NULL: nothing. */
static const char *run_at(uint32_t number)
{
	const char *text = kernel_options.run_at;
	char key[sizeof "4294967295="];

	ksnprintf(key, sizeof key, "%u=", number);
	for (; *text; text += strlen(text) + 1)
		if (strncmp(text, key, strlen(key)) == 0)
			return text + strlen(key);
	return NULL;
}

/*
 * What the partition runs. If any is told to run something (run=, which is run@1=, or run@N=), the
 * machine goes off when all of these have ended, and the others serve them.
 */
static void runs_choose(void)
{
	const bool first = kernel_options.run[0] || !kernel_options.run_at[0];

	for (uint32_t number = 1; number <= area.count; number++) {
		struct partition *partition = &area.partitions[number];
		const char *run = run_at(number);
		if (!run && number == 1 && first)
			run = kernel_options.run;
		partition->counts = run != NULL;
		ksnprintf(partition->run, sizeof partition->run, "%s", run ? run : SERVE);
		running += run != NULL;
	}
}

static void clock_measure(void)
{
	area.timer_count = apic_timer_measure(1000000 / TICK_HZ);
	area.boot_seconds = rtc_read_seconds();
	area.boot_cycles = cpu_cycles();
	delay(MEASURE_MS * 1000);
	area.cycles_per_ms = (uint32_t)(cpu_cycles() - area.boot_cycles) / MEASURE_MS;
}

static void area_fill(void)
{
	area.apic_address = found.apic_address;
	area.code_start = (uint32_t)kernel_start;
	area.code_end = (uint32_t)kernel_read_only_end;
	area.area_start = (uint32_t)&area;
	area.area_end = (uint32_t)(&area + 1);
	area.leave = partition_leave;
	monitor_directory = global_directory;
	runs_choose();
}

/* 0 or -ENODEV. Processors of partitions that run already may be started at the same time. */
static int first_processor_start(uint32_t apic_id)
{
	bool answers;

	started = false;
	trampoline_take(&area, TRAMPOLINE_OF_MONITOR);
	trampoline_install();
	answers = processor_start(apic_id, physical_of(*CPU_LOCAL_MADE(1, global_directory)),
				  processor_main, &started);
	trampoline_give_back(&area, TRAMPOLINE_OF_MONITOR);
	return answers ? 0 : -ENODEV;
}

/* Starts the partition on its processor; a partition whose processor does not answer is absent. */
static void partition_start_on_processor(uint32_t number)
{
	const uint32_t apic_id = area.partitions[number].apic_ids[0];
	int error = cpu_create(1, apic_id);

	if (!error) {
		starting = number;
		cpu_map_apic(1, found.apic_address);
		error = first_processor_start(apic_id);
		/* If it has come, it has left all this behind. */
		cpu_discard(1);
	}
	if (!error)
		return;
	processor_report(apic_id, error);
	if (area.partitions[number].counts)
		__atomic_sub_fetch(&running, 1, __ATOMIC_SEQ_CST);
}

int partition_start(void)
{
	interrupts_off();
	clock_measure();
	area_fill();
	kprintf("Castle: mode %s, %u partitions of %u MB\n", mode_name(), area.count,
		(area.partitions[1].end - area.partitions[1].start) >> 20);
	modules_report();
	uart_poll_from_now();
	if (area.count > 1 && trampoline_install()) {
		processors_reset(&found);
		for (uint32_t number = 2; number <= area.count; number++)
			partition_start_on_processor(number);
	}
	partition_call_unpaged(partition_begin, 1, stack_top(1));
}
