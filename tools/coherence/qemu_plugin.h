/*
 * The functions of QEMU's plugin interface (version 1) that the plugins here use; Debian packages
 * no header of it. The last three are QEMU's own: its executable exports them, and they do without
 * what is not there.
 */
#ifndef TOOLS_COHERENCE_QEMU_PLUGIN_H
#define TOOLS_COHERENCE_QEMU_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QEMU_PLUGIN_INTERFACE 1

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
struct qemu_processor; /* its CPUState */

enum qemu_plugin_registers { QEMU_PLUGIN_REGISTERS_NONE };
enum qemu_plugin_accesses { QEMU_PLUGIN_LOADS = 1, QEMU_PLUGIN_STORES, QEMU_PLUGIN_BOTH };

typedef void qemu_plugin_translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void qemu_plugin_executed(unsigned cpu, void *data);
typedef void qemu_plugin_accessed(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address,
				  void *data);
typedef void qemu_plugin_ended(qemu_plugin_id_t id, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_plugin_translated *function);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, qemu_plugin_executed *function,
					  enum qemu_plugin_registers registers, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
					    qemu_plugin_executed *function,
					    enum qemu_plugin_registers registers, void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *instruction,
				      qemu_plugin_accessed *function,
				      enum qemu_plugin_registers registers,
				      enum qemu_plugin_accesses accesses, void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, qemu_plugin_ended *function, void *data);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t number);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *instruction);

unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info, uint64_t address);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *address);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *address);

#pragma weak qemu_get_cpu
#pragma weak cpu_exit
#pragma weak cpu_memory_rw_debug
struct qemu_processor *qemu_get_cpu(int number);
void cpu_exit(struct qemu_processor *processor);
int cpu_memory_rw_debug(struct qemu_processor *processor, uint64_t address, void *buffer,
			size_t length, bool write);

#endif
