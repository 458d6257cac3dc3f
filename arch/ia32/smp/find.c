/*
 * Where the firmware leaves its tables of processors.
 */
#include "arch/ia32/smp/find.h"

#include <stddef.h>
#include "arch/ia32/acpi.h"
#include "arch/ia32/physical.h"
#include "kernel/lib/string.h"

/* Places of the MP floating pointer structure (MultiProcessor Specification 1.4, chapter 4). */
#define EBDA_SEGMENT     0x40e /* in the BIOS data area: a word */
#define BASE_MEMORY_KB   0x413 /* likewise */
#define KILOBYTE         1024u
#define ROM_START        0xf0000u
#define ROM_SIZE         0x10000u
#define POINTER_TABLE    4  /* offset of the table's address in the structure */
#define POINTER_FEATURES 11 /* of the first feature byte: a default configuration, or 0 */
#define TABLE_LENGTH     4  /* offset of the table's length in the table */

#define APIC_ADDRESS_DEFAULT 0xfee00000u

/* In assembly, since to the compiler no object can be at so low an address. */
static uint16_t low_word(uint32_t address)
{
	uint16_t word;

	__asm__ volatile("movw (%1), %0" : "=r"(word) : "r"(address));
	return word;
}

static const uint8_t *pointer_find(void)
{
	const uint32_t ebda = low_word(EBDA_SEGMENT) * 16u;
	const uint32_t base_end = low_word(BASE_MEMORY_KB) * KILOBYTE;
	const void *found = NULL;

	if (ebda)
		found = mp_pointer_find(kernel_address(ebda), KILOBYTE);
	if (!found && base_end)
		found = mp_pointer_find(kernel_address(base_end - KILOBYTE), KILOBYTE);
	return found ? found : mp_pointer_find(kernel_address(ROM_START), ROM_SIZE);
}

static bool mp_find(struct processor_list *list)
{
	const uint8_t *pointer = pointer_find(), *table;

	if (!pointer)
		return false;
	if (pointer[POINTER_FEATURES]) {
		/* A default configuration has two processors and no table (chapter 5). */
		list->apic_address = APIC_ADDRESS_DEFAULT;
		processor_list_add(list, 0);
		processor_list_add(list, 1);
		return true;
	}
	table = *(const uint8_t *const *)(pointer + POINTER_TABLE);
	return table && mp_table_read(table, *(const uint16_t *)(table + TABLE_LENGTH), list);
}

static bool madt_find(struct processor_list *list)
{
	const uint8_t *table = acpi_table("APIC");

	return table && madt_read(table, *(const uint32_t *)(table + TABLE_LENGTH), list);
}

bool processors_list(struct processor_list *list)
{
	memset(list, 0, sizeof *list);
	if (madt_find(list))
		return true;
	memset(list, 0, sizeof *list);
	if (mp_find(list))
		return true;
	memset(list, 0, sizeof *list);
	return false;
}
