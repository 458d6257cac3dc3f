/*
 * The configuration tables of the MultiProcessor Specification 1.4 (chapter 4), for machines whose
 * firmware knows no ACPI. Newer firmware lists one processor a socket there, if it has them at all.
 */
#include "arch/ia32/smp/find.h"

#include <stddef.h>
#include "arch/ia32/checksum.h"
#include "kernel/lib/string.h"

#define PARAGRAPH         16u
#define ENTRY_PROCESSOR   0
#define PROCESSOR_SIZE    20u
#define OTHER_SIZE        8u /* of all entries of the base table but those of processors */
#define PROCESSOR_ENABLED 1u

struct mp_pointer {
	char signature[4];
	uint32_t table;
	uint8_t length; /* in paragraphs */
	uint8_t revision, checksum, features[5];
} __attribute__((packed));

struct mp_table {
	char signature[4];
	uint16_t length;
	uint8_t revision, checksum;
	char oem[8], product[12];
	uint32_t oem_table;
	uint16_t oem_size, entry_count;
	uint32_t apic_address;
	uint16_t extended_length;
	uint8_t extended_checksum, reserved;
} __attribute__((packed));

struct mp_processor {
	uint8_t type, apic_id, apic_version, flags;
} __attribute__((packed));

const void *mp_pointer_find(const void *memory, uint32_t size)
{
	const uint8_t *bytes = memory;

	for (uint32_t at = 0; at + sizeof(struct mp_pointer) <= size; at += PARAGRAPH)
		if (memcmp(bytes + at, "_MP_", 4) == 0 &&
		    checksum_is_good(bytes + at, sizeof(struct mp_pointer)))
			return bytes + at;
	return NULL;
}

static bool header_is_good(const struct mp_table *header, uint32_t size)
{
	return size >= sizeof *header && memcmp(header->signature, "PCMP", 4) == 0 &&
	       header->length >= sizeof *header && header->length <= size &&
	       checksum_is_good(header, header->length);
}

bool mp_table_read(const void *table, uint32_t size, struct processor_list *list)
{
	const struct mp_table *header = table;
	const uint8_t *at = (const uint8_t *)table + sizeof *header;
	const uint8_t *end;
	uint32_t left;

	if (!header_is_good(header, size))
		return false;
	end = (const uint8_t *)table + header->length;
	left = header->entry_count;
	list->apic_address = header->apic_address;
	for (; left > 0 && at < end; left--) {
		const struct mp_processor *processor = (const struct mp_processor *)at;
		at += *at == ENTRY_PROCESSOR ? PROCESSOR_SIZE : OTHER_SIZE;
		if (at > end)
			return false;
		if (processor->type == ENTRY_PROCESSOR && processor->flags & PROCESSOR_ENABLED)
			processor_list_add(list, processor->apic_id);
	}
	return left == 0 && list->count > 0;
}
