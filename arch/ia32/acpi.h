/*
 * ACPI: the tables that the firmware leaves, and switching off (ACPI Specification 6.4, chapters 4,
 * 5 and 7).
 */
#ifndef ARCH_IA32_ACPI_H
#define ARCH_IA32_ACPI_H

#include <stdint.h>

/*
 * The table with this four-letter signature, checked; NULL if there is none that can be reached. At
 * boot, before paging.
 */
const void *acpi_table(const char *signature);

/*
 * Finds how to switch off; call while all physical memory can still be read, before paging. At
 * boot.
 */
void acpi_init(void);

/* Returns if the machine cannot be switched off this way. Any context. */
void acpi_power_off(void);

#endif
