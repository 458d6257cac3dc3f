/*
 * ACPI tables and the S5 sleep state (ACPI Specification 6.4, sections 5.2 and 7.4). The tables may
 * lie anywhere in physical memory, so all that is needed of them is taken before paging is on.
 */
#include "arch/ia32/acpi.h"

#include <stdbool.h>
#include <stddef.h>
#include "arch/ia32/checksum.h"
#include "arch/ia32/cpu.h"
#include "arch/ia32/physical.h"
#include "boot/boot_info.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"

#define SLEEP_ENABLE     (1u << 13)
#define SLEEP_TYPE_SHIFT 10

/* AML opcodes (ACPI Specification, section 20.2) around the package that \_S5_ names. */
#define AML_NAME        0x08
#define AML_PACKAGE     0x12
#define AML_BYTE_PREFIX 0x0a

struct rsdp {
	char signature[8];
	uint8_t checksum;
	char oem[6];
	uint8_t revision;
	uint32_t rsdt;
} __attribute__((packed));

struct table_header {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem[6], oem_table[8];
	uint32_t oem_revision, creator, creator_revision;
} __attribute__((packed));

struct rsdt {
	struct table_header header;
	uint32_t tables[];
} __attribute__((packed));

struct fadt {
	struct table_header header;
	uint32_t firmware_control;
	uint32_t dsdt;
	uint8_t reserved, profile;
	uint16_t sci_interrupt;
	uint32_t smi_command;
	uint8_t acpi_enable, acpi_disable, s4bios, pstate;
	uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control;
} __attribute__((packed));

static uint16_t pm1a_control, pm1b_control SET_AT_BOOT; /* ports; 0: none */
static uint16_t sleep_type_a, sleep_type_b SET_AT_BOOT;

const void *acpi_table(const char *signature)
{
	const struct rsdp *rsdp = boot_info.acpi_rsdp;
	const struct rsdt *rsdt;

	if (!rsdp || !checksum_is_good(rsdp, sizeof *rsdp))
		return NULL;
	rsdt = kernel_address(rsdp->rsdt);
	for (uint32_t i = 0; i < (rsdt->header.length - sizeof *rsdt) / sizeof(uint32_t); i++) {
		const struct table_header *table = kernel_address(rsdt->tables[i]);
		if (memcmp(table->signature, signature, 4) == 0 &&
		    checksum_is_good(table, table->length))
			return table;
	}
	return NULL;
}

/* One small integer of an AML package; moves *aml past it. */
static uint16_t aml_small_integer(const uint8_t **aml)
{
	if (**aml == AML_BYTE_PREFIX)
		++*aml;
	return *(*aml)++;
}

/*
 * Looks for Name(\_S5_, Package { a, b, … }) by its bytes: interpreting AML for one constant would
 * take a library, and every firmware encodes it like this.
 */
static bool find_sleep_types(const struct table_header *dsdt)
{
	const uint8_t *aml = (const uint8_t *)(dsdt + 1);
	const uint8_t *const end = (const uint8_t *)dsdt + dsdt->length - 8;

	for (; aml < end; aml++) {
		if (memcmp(aml, "_S5_", 4) != 0 || aml[4] != AML_PACKAGE)
			continue;
		if (aml[-1] != AML_NAME && !(aml[-2] == AML_NAME && aml[-1] == '\\'))
			continue;
		aml += 5;
		aml += 1 + (*aml >> 6); /* the package's length, in one to four bytes */
		aml++;                  /* the count of its elements */
		sleep_type_a = aml_small_integer(&aml);
		sleep_type_b = aml_small_integer(&aml);
		return true;
	}
	return false;
}

void acpi_init(void)
{
	const struct fadt *fadt = acpi_table("FACP");

	if (!fadt || !find_sleep_types(kernel_address(fadt->dsdt)))
		return;
	pm1a_control = fadt->pm1a_control;
	pm1b_control = fadt->pm1b_control;
}

static void sleep_enter(uint16_t port, uint16_t type)
{
	if (port)
		out16(port, type << SLEEP_TYPE_SHIFT | SLEEP_ENABLE);
}

void acpi_power_off(void)
{
	sleep_enter(pm1a_control, sleep_type_a);
	sleep_enter(pm1b_control, sleep_type_b);
}
