/*
 * Finding the machine's processors: from the ACPI MADT or, on machines without, from the tables of
 * the MultiProcessor Specification. Reading a table is apart from finding it, so that the reading
 * can be tested on any table.
 *
 * Contract of all functions here: At boot.
 */
#ifndef ARCH_IA32_SMP_FIND_H
#define ARCH_IA32_SMP_FIND_H

#include <stdbool.h>
#include <stdint.h>
#include <castle/info.h>

struct processor_list {
	uint32_t apic_address; /* physical, of all local APICs */
	uint32_t count;
	uint32_t left_out; /* usable ones beyond the limit */
	uint8_t apic_ids[CASTLE_CPUS_MAX];
};

/* The Multiple APIC Description Table of `size` bytes (ACPI Specification 6.4, section 5.2.12). */
bool madt_read(const void *table, uint32_t size, struct processor_list *list);

/* The MP configuration table of `size` bytes (MultiProcessor Specification 1.4, section 4.2). */
bool mp_table_read(const void *table, uint32_t size, struct processor_list *list);

/*
 * The MP floating pointer structure's place in `size` bytes of memory, checked (section 4.1); NULL.
 */
const void *mp_pointer_find(const void *memory, uint32_t size);

/*
 * All processors that are usable, this one among them, from ACPI or else from the MP tables. False,
 * and an empty list, if neither is there. Call while all physical memory can be read.
 */
bool processors_list(struct processor_list *list);

/* Used by the readers: adds one, or counts it as left out. */
static inline void processor_list_add(struct processor_list *list, uint32_t apic_id)
{
	if (list->count < CASTLE_CPUS_MAX)
		list->apic_ids[list->count++] = apic_id;
	else
		list->left_out++;
}

#endif
