/*
 * QEMU's fw_cfg device by its I/O ports (QEMU documentation, "QEMU Firmware Configuration (fw_cfg)
 * Device").
 */
#include "kernel/dev/fw_cfg.h"

#include <castle/errno.h>
#include "arch/ia32/cpu.h"
#include "kernel/lib/string.h"

#define FW_CFG_SELECTOR 0x510
#define FW_CFG_DATA     0x511

#define ITEM_SIGNATURE 0x0000
#define ITEM_DIRECTORY 0x0019

struct fw_cfg_file {
	uint32_t size; /* big-endian, as all numbers of the directory */
	uint16_t select;
	uint16_t reserved;
	char name[56];
};

static void fw_cfg_select(uint16_t item)
{
	out16(FW_CFG_SELECTOR, item);
}

static void fw_cfg_read(void *buffer, uint32_t size)
{
	in8_string(FW_CFG_DATA, buffer, size);
}

static int fw_cfg_find(const char *name, struct fw_cfg_file *file)
{
	uint32_t count;

	fw_cfg_select(ITEM_DIRECTORY);
	fw_cfg_read(&count, sizeof count);
	for (count = __builtin_bswap32(count); count > 0; count--) {
		fw_cfg_read(file, sizeof *file);
		if (strncmp(file->name, name, sizeof file->name) == 0)
			return 0;
	}
	return -ENOENT;
}

int fw_cfg_read_string(const char *name, char *buffer, uint32_t size)
{
	struct fw_cfg_file file;
	char signature[4];
	uint32_t length;

	fw_cfg_select(ITEM_SIGNATURE);
	fw_cfg_read(signature, sizeof signature);
	if (memcmp(signature, "QEMU", sizeof signature) != 0)
		return -ENOENT;
	if (fw_cfg_find(name, &file) != 0)
		return -ENOENT;
	length = __builtin_bswap32(file.size);
	if (length >= size)
		return -E2BIG;
	fw_cfg_select(__builtin_bswap16(file.select));
	fw_cfg_read(buffer, length);
	buffer[length] = '\0';
	return length;
}
