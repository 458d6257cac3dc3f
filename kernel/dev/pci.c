/*
 * PCI configuration space by its two ports. The firmware has given regions and interrupt lines out
 * already, and on the PCs that Castle knows cards are on bus 0.
 */
#include "kernel/dev/pci.h"

#include "arch/ia32/cpu.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define CONFIG_ENABLE  (1u << 31)

#define REGISTER_ID        0x00
#define REGISTER_COMMAND   0x04
#define REGISTER_HEADER    0x0c
#define REGISTER_REGION    0x10
#define REGISTER_INTERRUPT 0x3c

#define COMMAND_MEMORY     (1u << 1)
#define COMMAND_MASTER     (1u << 2)
#define HEADER_FUNCTIONS   (1u << 23) /* the device has several */
#define REGION_IS_PORTS    1u
#define REGION_ADDRESS     (~0xfu)
#define FUNCTIONS          256u /* of a bus: 32 devices with 8 each */
#define FUNCTION_SHIFT     8
#define FUNCTIONS_A_DEVICE 8u

static uint32_t pci_read(uint32_t address, uint32_t at)
{
	out32(CONFIG_ADDRESS, CONFIG_ENABLE | address | at);
	return in32(CONFIG_DATA);
}

static void pci_write(uint32_t address, uint32_t at, uint32_t value)
{
	out32(CONFIG_ADDRESS, CONFIG_ENABLE | address | at);
	out32(CONFIG_DATA, value);
}

/* A device with one function may answer for all eight. */
static bool function_exists(uint32_t function)
{
	const uint32_t first = (function & ~(FUNCTIONS_A_DEVICE - 1)) << FUNCTION_SHIFT;

	return function % FUNCTIONS_A_DEVICE == 0 ||
	       pci_read(first, REGISTER_HEADER) & HEADER_FUNCTIONS;
}

bool pci_find(uint16_t vendor, uint16_t kind, uint32_t number, struct pci_device *device)
{
	const uint32_t wanted = (uint32_t)kind << 16 | vendor;

	for (uint32_t function = 0; function < FUNCTIONS; function++) {
		const uint32_t address = function << FUNCTION_SHIFT;
		uint32_t region;

		if (!function_exists(function) || pci_read(address, REGISTER_ID) != wanted ||
		    number-- > 0)
			continue;
		region = pci_read(address, REGISTER_REGION);
		device->address = address;
		device->memory = region & REGION_ADDRESS;
		device->interrupt = pci_read(address, REGISTER_INTERRUPT) & 0xff;
		return !(region & REGION_IS_PORTS) && device->memory;
	}
	return false;
}

void pci_enable(const struct pci_device *device)
{
	const uint32_t command = pci_read(device->address, REGISTER_COMMAND) & 0xffff;

	pci_write(device->address, REGISTER_COMMAND, command | COMMAND_MEMORY | COMMAND_MASTER);
}
