/*
 * Checking that a file is a code package, before anything in it is believed. It may be any bytes at
 * all: every offset is compared with the file's size before it is used, in ways that cannot
 * overflow.
 */
#include "kernel/mem/package.h"

#include <castle/address_map.h>
#include <stdbool.h>
#include <stddef.h>
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"
#include "kernel/mem/elf32.h"

static bool range_in_file(uint32_t offset, uint32_t length, uint32_t size)
{
	return offset <= size && length <= size - offset;
}

static const char *check_header(const struct elf_header *header, uint32_t size)
{
	if (size < sizeof *header)
		return "truncated ELF header";
	if (header->magic != ELF_MAGIC)
		return "not an ELF file";
	if (header->class != ELF_CLASS_32)
		return "not a 32-bit ELF file";
	if (header->data != ELF_LITTLE_ENDIAN)
		return "not little-endian";
	if (header->machine != ELF_MACHINE_386)
		return "not for the Intel 80386";
	if (header->type != ELF_EXECUTABLE)
		return "not an executable ELF file";
	if (header->program_size != sizeof(struct elf_program) ||
	    header->program_offset % sizeof(uint32_t) ||
	    !range_in_file(header->program_offset,
			   header->program_count * sizeof(struct elf_program), size))
		return "truncated ELF program headers";
	return NULL;
}

static bool address_is_code(uint32_t address)
{
	return address >= CASTLE_CODE_BASE + CASTLE_CODE_SLOT_FIRST * CASTLE_CODE_SLOT_SIZE &&
	       address < CASTLE_CODE_BASE + (CASTLE_CODE_SLOT_LAST + 1) * CASTLE_CODE_SLOT_SIZE;
}

static const char *add_code(struct package *package, const struct elf_program *segment)
{
	if (package->code_end)
		return "more than one code segment";
	if (segment->virtual_address % PAGE_SIZE || segment->offset % PAGE_SIZE)
		return "code segment not on a page boundary";
	if (segment->file_size != segment->memory_size || segment->file_size == 0)
		return "code segment not wholly in the file";
	/* Its whole range must lie in the slot that it starts in. */
	if (!address_is_code(segment->virtual_address) ||
	    segment->memory_size >
		    CASTLE_CODE_SLOT_SIZE - segment->virtual_address % CASTLE_CODE_SLOT_SIZE)
		return "code segment outside its slot";
	package->code_start = segment->virtual_address;
	package->code_end = segment->virtual_address + segment->memory_size;
	package->code_offset = segment->offset;
	return NULL;
}

static const char *add_data(struct package *package, const struct elf_program *segment)
{
	const uint32_t start = segment->virtual_address;

	if (package->data_end)
		return "more than one data segment";
	if (start % PAGE_SIZE)
		return "data segment not on a page boundary";
	if (segment->file_size > segment->memory_size)
		return "data segment larger in the file than in memory";
	if (start < CASTLE_DATA_BASE || start >= CASTLE_INITIAL_END)
		return "data segment does not start in the initial 4 MB";
	if (segment->memory_size > CASTLE_DATA_END - start)
		return "data segment larger than a container's data";
	package->data_start = start;
	package->data_file_end = start + segment->file_size;
	package->data_end = start + segment->memory_size;
	package->data_offset = segment->offset;
	return NULL;
}

static const char *add_segment(struct package *package, const struct elf_program *segment)
{
	if (segment->type == ELF_DYNAMIC || segment->type == ELF_INTERPRETER)
		return "dynamically linked";
	if (segment->type != ELF_LOAD || segment->memory_size == 0)
		return NULL;
	if (!range_in_file(segment->offset, segment->file_size, package->image_size))
		return "truncated segment";
	return segment->flags & ELF_WRITABLE ? add_data(package, segment)
					     : add_code(package, segment);
}

const char *package_parse(struct package *package, const void *image, uint32_t size)
{
	const struct elf_header *header = image;
	const struct elf_program *segments;
	const char *reason = check_header(header, size);

	if (reason)
		return reason;
	package->image = image;
	package->image_size = size;
	package->entry = header->entry;
	package->code_end = package->data_end = package->data_start = package->data_file_end = 0;
	segments = (const void *)((const uint8_t *)image + header->program_offset);
	for (uint32_t i = 0; i < header->program_count; i++) {
		reason = add_segment(package, &segments[i]);
		if (reason)
			return reason;
	}
	if (!package->code_end)
		return "no code segment";
	if (header->entry < package->code_start || header->entry >= package->code_end)
		return "entry point outside the code segment";
	return NULL;
}
