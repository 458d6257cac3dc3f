/*
 * The plugin for QEMU: feeds the model with every load and store of every processor, and opens and
 * closes windows where programs call castle_mark(). tools/conflicts builds it, and hands it a file
 * of what it must know (setup_line()).
 *
 * Processors run in turn, on one thread of the host, a slice of instructions each: with QEMU's own
 * slices (a tenth of a second) two of them would meet on a line once in a hundred million
 * instructions.
 */
#include "model.h"
#include "qemu_plugin.h"
#include "report.h"
#include "sites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANGES_MAX  1024
#define USER_BASE   0x40000000u /* CASTLE_USER_BASE */
#define TEXT_LENGTH 8           /* of a mark */
#define TEXT_END    "end"       /* the mark that opens nothing */

int qemu_plugin_version = QEMU_PLUGIN_INTERFACE;
int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

struct range {
	uint32_t start, end;
};

/* Addresses of code. */
static struct range marks[RANGES_MAX]; /* castle_mark() in programs */
static unsigned mark_count;
static struct range programs[RANGES_MAX]; /* of which the run consists */
static unsigned program_count;
static struct range
	waits[RANGES_MAX]; /* functions that wait by the clock: not counted as instructions */
static unsigned wait_count;
static uint32_t sys_mark;                   /* in the kernel */
static uint32_t sys_mark_bits = UINT32_MAX; /* that count: partitions have a kernel each */

static struct model model;
static struct sites sites;
static FILE *output;
static unsigned slice = 100;
static bool model_runs; /* from the first instruction of the run's programs on */
static bool window_is_open;
static char window_name[TEXT_LENGTH + 1] = "run";
static uint64_t instructions[PROCESSORS_MAX]; /* in this window */

/* A call of castle_mark() that has not returned: the window opens when it does, so that the call
 * itself is in none. */
static enum { NO_MARK, MARK_CALLED, MARK_IN_KERNEL, MARK_READ } mark;
static unsigned mark_processor; /* that runs the kernel's part */

static void window_open(void)
{
	model_open_window(&model);
	sites_clear(&sites);
	memset(instructions, 0, sizeof instructions);
	window_is_open = true;
}

static void window_close(void)
{
	if (!window_is_open)
		return;
	window_is_open = false;
	report_window(output, window_name, &model, &sites, instructions);
}

/* Another processor's turn, after each slice. */
static void count_slice(unsigned cpu, unsigned count)
{
	static unsigned running, done;

	if (cpu != running)
		done = 0;
	running = cpu;
	done += count;
	if (done >= slice && cpu_exit) {
		done = 0;
		cpu_exit(qemu_get_cpu(cpu));
	}
}

static void on_block(unsigned cpu, void *data)
{
	if (!model_runs || cpu >= model.processors)
		return;
	instructions[cpu] += (uintptr_t)data;
	count_slice(cpu, (uintptr_t)data);
}

static void on_waiting_block(unsigned cpu, void *data)
{
	if (model_runs && cpu < model.processors)
		count_slice(cpu, (uintptr_t)data);
}

/* The kernel copies the mark's text: where it reads from a program, there the text is. */
static bool is_text_of_mark(unsigned cpu, uint64_t address, uint32_t code, bool store)
{
	return mark == MARK_IN_KERNEL && cpu == mark_processor && address >= USER_BASE &&
	       code < USER_BASE && !store;
}

static void read_mark(unsigned cpu, uint64_t address)
{
	char text[TEXT_LENGTH + 1] = "";

	if (cpu_memory_rw_debug)
		for (int i = 0; i < TEXT_LENGTH; i++)
			if (cpu_memory_rw_debug(qemu_get_cpu(cpu), address + i, &text[i], 1,
						false) ||
			    !text[i])
				break;
	strcpy(window_name, text);
	mark = MARK_READ;
}

static void on_access(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void *data)
{
	const uint32_t code = (uintptr_t)data;
	const bool store = qemu_plugin_mem_is_store(info);
	const struct qemu_plugin_hwaddr *where;

	if (!model_runs || cpu >= model.processors)
		return;
	if (is_text_of_mark(cpu, address, code, store))
		read_mark(cpu, address);
	where = qemu_plugin_get_hwaddr(info, address);
	if (!where || qemu_plugin_hwaddr_is_io(where))
		return;
	const uint64_t physical = qemu_plugin_hwaddr_phys_addr(where);
	const struct line *line = model_access(&model, cpu, physical, address,
					       1u << qemu_plugin_mem_size_shift(info), store);
	if (window_is_open)
		sites_count(&sites, line->number, code, cpu, store);
}

static void on_program(unsigned cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (model_runs)
		return;
	model_runs = true;
	window_open();
}

/* Before the kernel is entered, so that the way into it is in no window. */
static void on_mark_called(unsigned cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (!model_runs)
		return;
	window_close();
	mark = MARK_CALLED;
}

static void on_mark_in_kernel(unsigned cpu, void *data)
{
	(void)data;
	if (mark != MARK_CALLED)
		return;
	mark = MARK_IN_KERNEL;
	mark_processor = cpu;
}

static void on_mark_code(unsigned cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (mark != MARK_READ)
		return;
	mark = NO_MARK;
	if (strcmp(window_name, TEXT_END) != 0)
		window_open();
}

static const struct range *range_of(const struct range *ranges, unsigned count, uint32_t address)
{
	for (unsigned i = 0; i < count; i++)
		if (ranges[i].start <= address && address < ranges[i].end)
			return &ranges[i];
	return NULL;
}

static void hook_instruction(struct qemu_plugin_insn *instruction, uint32_t address)
{
	const struct range *in_mark = range_of(marks, mark_count, address);
	qemu_plugin_executed *function = NULL;

	if (in_mark)
		function = address == in_mark->start ? on_mark_called : on_mark_code;
	else if (address < USER_BASE && (address & sys_mark_bits) == sys_mark)
		function = on_mark_in_kernel;
	if (function)
		qemu_plugin_register_vcpu_insn_exec_cb(instruction, function,
						       QEMU_PLUGIN_REGISTERS_NONE, NULL);
	qemu_plugin_register_vcpu_mem_cb(instruction, on_access, QEMU_PLUGIN_REGISTERS_NONE,
					 QEMU_PLUGIN_BOTH, (void *)(uintptr_t)address);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
	const size_t count = qemu_plugin_tb_n_insns(block);
	const uint32_t start = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(block, 0));

	(void)id;
	if (range_of(programs, program_count, start))
		qemu_plugin_register_vcpu_tb_exec_cb(block, on_program, QEMU_PLUGIN_REGISTERS_NONE,
						     NULL);
	qemu_plugin_register_vcpu_tb_exec_cb(
		block, range_of(waits, wait_count, start) ? on_waiting_block : on_block,
		QEMU_PLUGIN_REGISTERS_NONE, (void *)(uintptr_t)count);
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);

		hook_instruction(instruction, qemu_plugin_insn_vaddr(instruction));
	}
}

static void on_end(qemu_plugin_id_t id, void *data)
{
	(void)id;
	(void)data;
	window_close();
	fclose(output);
}

/* `mark START END`, `program START END`, `wait START END`: code. */
static bool setup_range(const char *line)
{
	unsigned first, second;

	if (sscanf(line, "mark %x %x", &first, &second) == 2 && mark_count < RANGES_MAX)
		marks[mark_count++] = (struct range){ first, second };
	else if (sscanf(line, "program %x %x", &first, &second) == 2 && program_count < RANGES_MAX)
		programs[program_count++] = (struct range){ first, second };
	else if (sscanf(line, "wait %x %x", &first, &second) == 2 && wait_count < RANGES_MAX)
		waits[wait_count++] = (struct range){ first, second };
	else
		return false;
	return true;
}

/* A range, or `sys_mark ADDRESS BITS`, `slice N`, `cache PROCESSORS BYTES WAYS`, `output FILE`. */
static bool setup_line(const char *line)
{
	unsigned first, second, third;
	char path[4096];

	if (setup_range(line))
		return true;
	if (sscanf(line, "sys_mark %x %x", &first, &second) == 2)
		sys_mark = first & (sys_mark_bits = second);
	else if (sscanf(line, "slice %u", &first) == 1)
		slice = first;
	else if (sscanf(line, "cache %u %u %u", &first, &second, &third) == 3)
		return model_init(&model, first, second, third);
	else if (sscanf(line, "output %4095[^\n]", path) == 1)
		return (output = fopen(path, "w")) != NULL;
	else
		return false;
	return true;
}

static bool setup(const char *path)
{
	char line[4200];
	FILE *file = fopen(path, "r");

	if (!file)
		return false;
	while (fgets(line, sizeof line, file))
		if (!setup_line(line)) {
			fprintf(stderr, "conflicts: the plugin does not understand: %s", line);
			return false;
		}
	fclose(file);
	return output && model.processors;
}

/* Loaded as -plugin plugin.so,setup=FILE. */
__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "setup=", 6) != 0 || !setup(argv[0] + 6))
		return -1;
	if (!cpu_exit || !qemu_get_cpu || !cpu_memory_rw_debug)
		fprintf(output, "{\"lacks\": \"slices\"}\n");
	sites_clear(&sites);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	qemu_plugin_register_atexit_cb(id, on_end, NULL);
	return 0;
}
