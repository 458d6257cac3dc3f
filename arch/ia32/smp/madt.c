/*
 * The Multiple APIC Description Table (ACPI Specification 6.4, section 5.2.12).
 */
#include "arch/ia32/smp/find.h"

#include "kernel/lib/string.h"

#define TYPE_LOCAL_APIC   0
#define TYPE_LOCAL_X2APIC 9
#define PROCESSOR_ENABLED 1u
#define APIC_ID_MAX       254u /* 255 is everybody */

struct madt {
	uint8_t header[36];
	uint32_t apic_address;
	uint32_t flags;
} __attribute__((packed));

struct madt_entry {
	uint8_t type, length;
};

struct madt_apic {
	struct madt_entry entry;
	uint8_t processor, apic_id;
	uint32_t flags;
} __attribute__((packed));

struct madt_x2apic {
	struct madt_entry entry;
	uint16_t reserved;
	uint32_t apic_id, flags, processor;
} __attribute__((packed));

static void entry_read(const struct madt_entry *entry, struct processor_list *list)
{
	const struct madt_apic *apic = (const void *)entry;
	const struct madt_x2apic *x2apic = (const void *)entry;

	if (entry->type == TYPE_LOCAL_APIC && entry->length >= sizeof *apic &&
	    apic->flags & PROCESSOR_ENABLED)
		processor_list_add(list, apic->apic_id);
	if (entry->type == TYPE_LOCAL_X2APIC && entry->length >= sizeof *x2apic &&
	    x2apic->flags & PROCESSOR_ENABLED && x2apic->apic_id <= APIC_ID_MAX)
		processor_list_add(list, x2apic->apic_id);
}

bool madt_read(const void *table, uint32_t size, struct processor_list *list)
{
	const uint8_t *at = (const uint8_t *)table + sizeof(struct madt);
	const uint8_t *const end = (const uint8_t *)table + size;

	if (size < sizeof(struct madt))
		return false;
	list->apic_address = ((const struct madt *)table)->apic_address;
	while (at + sizeof(struct madt_entry) <= end) {
		const struct madt_entry *entry = (const struct madt_entry *)at;
		if (entry->length < sizeof *entry || at + entry->length > end)
			return false;
		entry_read(entry, list);
		at += entry->length;
	}
	return list->count > 0;
}
