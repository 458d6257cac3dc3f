/*
 * The plugin for QEMU: records which instructions of the kernel ran and which ways its conditional
 * jumps went. tools/reached/machine.py builds it, and tells it where the kernel's text is.
 *
 * The record is a file of three bytes for each byte of the kernel's text, in three planes: ran,
 * jumped, went on. Machines share it, one after the other and at once, by mapping it: all of them
 * write only ones, so that none takes away what another has seen, however it ends.
 *
 * A block is counted whole when it is entered, so that instructions after one that faults on a
 * program's memory count as well.
 */
#include "tools/coherence/qemu_plugin.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PROCESSORS_MAX 256
#define ENTRY_MAX      32 /* bytes that tell the kernel from what else lies there before */
#define NO_JUMP        UINT32_MAX

int qemu_plugin_version = QEMU_PLUGIN_INTERFACE;
int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

/* Offsets in the text. */
struct block {
	uint32_t start, end;
	uint32_t jump, target; /* of a conditional jump at its end */
};

static unsigned text, size, entry;
static uint8_t entry_code[ENTRY_MAX];
static size_t entry_length;
static uint8_t *ran, *jumped, *went_on;
/* The boot loader uses the same addresses before. */
static bool kernel_runs;
/* What ran last on each processor, if a conditional jump ended it. */
static const struct block *previous[PROCESSORS_MAX];

static void on_entry(unsigned cpu, void *data)
{
	(void)cpu;
	(void)data;
	kernel_runs = true;
}

/* What follows a jump may also be an interrupt's first block: then the jump is not counted. */
static void count_way(const struct block *from, uint32_t to)
{
	if (to == from->end)
		went_on[from->jump] = 1;
	else if (to == from->target)
		jumped[from->jump] = 1;
}

static void on_block(unsigned cpu, void *data)
{
	const struct block *block = data;

	if (!kernel_runs || cpu >= PROCESSORS_MAX)
		return;
	if (previous[cpu])
		count_way(previous[cpu], block->start);
	previous[cpu] = block->jump == NO_JUMP ? NULL : block;
	if (!ran[block->start] || !ran[block->end - 1])
		memset(ran + block->start, 1, block->end - block->start);
}

/* SDM volume 2, Jcc, LOOP and JECXZ: an opcode of one byte or two, and where to go from its end. */
static bool find_target(const uint8_t *code, size_t length, uint32_t end, uint32_t *target)
{
	int32_t distance;

	if (length == 2 && ((code[0] & 0xf0) == 0x70 || (code[0] & 0xfc) == 0xe0)) {
		distance = (int8_t)code[1];
	} else if (length == 6 && code[0] == 0x0f && (code[1] & 0xf0) == 0x80) {
		memcpy(&distance, code + 2, sizeof distance);
	} else {
		return false;
	}
	*target = end + distance;
	return true;
}

static uint32_t offset_of(const struct qemu_plugin_insn *instruction)
{
	return qemu_plugin_insn_vaddr(instruction) - text;
}

static struct block *make_block(const struct qemu_plugin_tb *tb)
{
	const struct qemu_plugin_insn *last =
		qemu_plugin_tb_get_insn(tb, qemu_plugin_tb_n_insns(tb) - 1);
	struct block *block = malloc(sizeof *block);

	if (!block)
		abort();
	block->start = offset_of(qemu_plugin_tb_get_insn(tb, 0));
	block->end = offset_of(last) + qemu_plugin_insn_size(last);
	block->jump = find_target(qemu_plugin_insn_data(last), qemu_plugin_insn_size(last),
				  block->end, &block->target)
			      ? offset_of(last)
			      : NO_JUMP;
	return block;
}

static bool is_entry(const struct qemu_plugin_tb *tb)
{
	const struct qemu_plugin_insn *first = qemu_plugin_tb_get_insn(tb, 0);
	const size_t length = qemu_plugin_insn_size(first);

	return qemu_plugin_insn_vaddr(first) == entry &&
	       memcmp(qemu_plugin_insn_data(first), entry_code,
		      length < entry_length ? length : entry_length) == 0;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	struct block *block;

	(void)id;
	if (is_entry(tb))
		qemu_plugin_register_vcpu_tb_exec_cb(tb, on_entry, QEMU_PLUGIN_REGISTERS_NONE,
						     NULL);
	block = make_block(tb);
	if (block->start < size && block->end <= size && block->start < block->end)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_REGISTERS_NONE,
						     block);
	else
		free(block);
}

static bool read_code(const char *digits)
{
	unsigned byte;

	for (; sscanf(digits, "%2x", &byte) == 1 && entry_length < ENTRY_MAX; digits += 2)
		entry_code[entry_length++] = byte;
	return entry_length != 0;
}

/* The record, which machine.py made as long as it must be. */
static bool map_record(const char *path)
{
	const int file = open(path, O_RDWR);

	if (file < 0)
		return false;
	ran = mmap(NULL, 3ul * size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	if (ran == MAP_FAILED)
		return false;
	jumped = ran + size;
	went_on = jumped + size;
	return true;
}

/* Loaded as -plugin plugin.so,text=HEX,size=HEX,entry=HEX,code=HEX,record=FILE. */
__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 5 || sscanf(argv[0], "text=%x", &text) != 1 ||
	    sscanf(argv[1], "size=%x", &size) != 1 || sscanf(argv[2], "entry=%x", &entry) != 1 ||
	    strncmp(argv[3], "code=", 5) != 0 || !read_code(argv[3] + 5) ||
	    strncmp(argv[4], "record=", 7) != 0 || !map_record(argv[4] + 7))
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	return 0;
}
