/*
 * The processor's instructions and registers that C has no words for (Intel SDM volumes 2 and 3).
 *
 * Contract of all functions here: Any context, on the processor that is meant.
 */
#ifndef ARCH_IA32_CPU_H
#define ARCH_IA32_CPU_H

#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/frame.h"

#define CR0_MP (1u << 1)
#define CR0_EM (1u << 2)
#define CR0_TS (1u << 3)
#define CR0_NE (1u << 5)
#define CR0_WP (1u << 16)
#define CR0_PG (1u << 31)

#define CR4_PSE        (1u << 4)
#define CR4_PGE        (1u << 7)
#define CR4_OSFXSR     (1u << 9)
#define CR4_OSXMMEXCPT (1u << 10)
#define CR4_SMEP       (1u << 20)
#define CR4_SMAP       (1u << 21)

#define MSR_SYSENTER_CS  0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176

#define CPUID_1_EDX_PSE  (1u << 3)
#define CPUID_1_EDX_TSC  (1u << 4)
#define CPUID_1_EDX_SEP  (1u << 11)
#define CPUID_1_EDX_PGE  (1u << 13)
#define CPUID_1_EDX_FXSR (1u << 24)
#define CPUID_1_EDX_SSE  (1u << 25)
#define CPUID_7_EBX_SMEP (1u << 7)
#define CPUID_7_EBX_SMAP (1u << 20)

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpu_id(uint32_t leaf)
{
	struct cpuid id;
	__asm__ volatile("cpuid"
			 : "=a"(id.eax), "=b"(id.ebx), "=c"(id.ecx), "=d"(id.edx)
			 : "a"(leaf), "c"(0));
	return id;
}

static inline void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out16(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint32_t in32(uint16_t port)
{
	uint32_t value;
	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;
	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint16_t in16(uint16_t port)
{
	uint16_t value;
	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* Reads `size` bytes from one port. */
static inline void in8_string(uint16_t port, void *buffer, uint32_t size)
{
	__asm__ volatile("rep insb" : "+D"(buffer), "+c"(size) : "d"(port) : "memory");
}

static inline uint64_t cpu_cycles(void)
{
	uint64_t cycles;
	__asm__ volatile("rdtsc" : "=A"(cycles));
	return cycles;
}

static inline void msr_write(uint32_t msr, uint32_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"(value), "d"(0));
}

static inline uint32_t cr0_read(void)
{
	uint32_t value;
	__asm__ volatile("movl %%cr0, %0" : "=r"(value));
	return value;
}

static inline void cr0_write(uint32_t value)
{
	__asm__ volatile("movl %0, %%cr0" : : "r"(value) : "memory");
}

static inline uint32_t cr2_read(void)
{
	uint32_t value;
	__asm__ volatile("movl %%cr2, %0" : "=r"(value));
	return value;
}

static inline void cr2_write(uint32_t value)
{
	__asm__ volatile("movl %0, %%cr2" : : "r"(value));
}

/* Loading cr3 drops every TLB entry that is not global. */
static inline void cr3_write(uint32_t value)
{
	__asm__ volatile("movl %0, %%cr3" : : "r"(value) : "memory");
}

static inline uint32_t cr3_read(void)
{
	uint32_t value;
	__asm__ volatile("movl %%cr3, %0" : "=r"(value));
	return value;
}

static inline uint32_t cr4_read(void)
{
	uint32_t value;
	__asm__ volatile("movl %%cr4, %0" : "=r"(value));
	return value;
}

static inline void cr4_write(uint32_t value)
{
	__asm__ volatile("movl %0, %%cr4" : : "r"(value) : "memory");
}

static inline void tlb_invalidate(uint32_t address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static inline void fpu_trap_off(void)
{
	__asm__ volatile("clts" : : : "memory");
}

static inline void interrupts_on(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void interrupts_off(void)
{
	__asm__ volatile("cli" : : : "memory");
}

/* Interrupts off; the flags before, for interrupts_restore(). */
static inline uint32_t interrupts_save(void)
{
	uint32_t flags;
	__asm__ volatile("pushfl\n\tpopl %0\n\tcli" : "=r"(flags) : : "memory");
	return flags;
}

static inline void interrupts_restore(uint32_t flags)
{
	if (flags & EFLAGS_IF)
		interrupts_on();
}

/* Sleeps until an interrupt; none can slip in between enabling them and halting. */
static inline void cpu_wait_for_interrupt(void)
{
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

/* In a loop that waits for another processor. */
static inline void cpu_pause(void)
{
	__asm__ volatile("pause" : : : "memory");
}

__attribute__((noreturn)) static inline void cpu_halt_forever(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

#endif
