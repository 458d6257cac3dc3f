/*
 * The way from a reset processor to the kernel's entry point, as seen by the boot processor; the
 * other side is boot/trampoline.S.
 */
#include "arch/ia32/smp/start.h"

#include <castle/errno.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/physical.h"
#include "arch/ia32/smp/apic.h"
#include "arch/ia32/smp/delay.h"
#include "boot/trampoline.h"
#include "boot/boot_info.h"
#include "kernel/boot/boot_memory.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

#define INIT_TIME    10000u   /* microseconds for a processor to reset itself */
#define STARTUP_TIME 200u     /* for it to take the first start-up interrupt */
#define ANSWER_TIME  1000000u /* for it to reach the kernel, on a slow host */
#define ANSWER_STEP  100u

#define PAGES_FOR_PROGRAMS (BOOT_MEMORY_MIN_KB * 1024 / PAGE_SIZE)

/* The boot processor first; the others keep the order of their table. */
static void boot_first(struct processor_list *list)
{
	const uint8_t boot = cpu_id(1).ebx >> 24;

	for (uint32_t i = 0; i < list->count; i++) {
		if (list->apic_ids[i] == boot) {
			memmove(list->apic_ids + 1, list->apic_ids, i);
			list->apic_ids[0] = boot;
			return;
		}
	}
	/* The table does not know the processor that reads it: do not trust it. */
	list->count = 0;
}

void processors_find_usable(struct processor_list *list, uint32_t most)
{
	if (processors_list(list))
		boot_first(list);
	else
		kprintf("Castle: neither ACPI nor MP tables name processors: using this one\n");
	if (list->left_out)
		kprintf("Castle: %u processors left out: at most %u are used\n", list->left_out,
			CASTLE_CPUS_MAX);
	if (list->count > most)
		list->count = most;
}

bool processors_leave_memory(void)
{
	return page_count_free() >= PAGES_FOR_PROGRAMS;
}

void processor_report(uint32_t apic_id, int error)
{
	kprintf(error == -ENOMEM ? "Castle: no memory for the processor with APIC %u: left out\n"
				 : "Castle: the processor with APIC %u does not answer: left out\n",
		apic_id);
}

bool trampoline_install(void)
{
	if (boot_info.start < TRAMPOLINE_PAGE + PAGE_SIZE && boot_info.end > TRAMPOLINE_PAGE) {
		kprintf("Castle: memory at %x is taken: using one processor\n", TRAMPOLINE_PAGE);
		return false;
	}
	memcpy(kernel_address(TRAMPOLINE_PAGE), trampoline_start,
	       trampoline_end - trampoline_start);
	return true;
}

void processors_reset(const struct processor_list *list)
{
	for (uint32_t i = 1; i < list->count; i++)
		apic_send_init(list->apic_ids[i]);
	delay(INIT_TIME);
}

/* A word of the trampoline, by its address. */
static volatile uint32_t *trampoline_word(uint32_t address)
{
	return kernel_address(address);
}

/* Until it has said so itself; false when it does not, and never will. */
static bool processor_answers(const volatile bool *started)
{
	for (uint32_t waited = 0; waited < ANSWER_TIME; waited += ANSWER_STEP) {
		if (*started)
			return true;
		delay(ANSWER_STEP);
	}
	/* With the directory gone, it can no longer come. If it has taken it, it is on its way. */
	if (__atomic_exchange_n(trampoline_word(TRAMPOLINE_DIRECTORY), 0, __ATOMIC_SEQ_CST))
		return false;
	while (!*started)
		cpu_pause();
	return true;
}

bool processor_start(uint32_t apic_id, uint32_t directory, void (*entry)(void),
		     const volatile bool *started)
{
	*trampoline_word(TRAMPOLINE_ENTRY) = (uint32_t)entry;
	*trampoline_word(TRAMPOLINE_DIRECTORY) = directory;
	apic_send_startup(apic_id, TRAMPOLINE_PAGE);
	delay(STARTUP_TIME);
	if (*trampoline_word(TRAMPOLINE_DIRECTORY))
		apic_send_startup(apic_id, TRAMPOLINE_PAGE);
	return processor_answers(started);
}
