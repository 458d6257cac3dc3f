/*
 * The PCI bus as its first mechanism shows it (PCI Local Bus Specification 3.0, section 3.2.2.3):
 * finding a device, and the few registers of its configuration that a driver needs.
 *
 * Contract of all functions here: At boot.
 */
#ifndef KERNEL_DEV_PCI_H
#define KERNEL_DEV_PCI_H

#include <stdbool.h>
#include <stdint.h>

struct pci_device {
	uint32_t address;   /* bus, device, function, as the configuration port wants them */
	uint32_t memory;    /* where its first region of memory is; physical */
	uint32_t interrupt; /* the line that the firmware has led its interrupt to */
};

/*
 * The device with this number, from 0, among those of bus 0 that have this vendor and kind. False:
 * there is none.
 */
bool pci_find(uint16_t vendor, uint16_t kind, uint32_t number, struct pci_device *device);

/* Lets the device read and write memory by itself, and answer at its region. */
void pci_enable(const struct pci_device *device);

#endif
