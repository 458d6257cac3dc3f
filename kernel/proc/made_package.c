/*
 * Code packages made of files, at run time: programs that were compiled inside Castle.
 *
 * The compilers there (tcc) lay code and data out together, so such a program has no code slot: all
 * of it lies among the container's global variables, where memory may be executed, and its pages
 * are copied from the package when touched, code too. What is made once, and goes with the last
 * container that came from it, is the image that they are copied from.
 */
#include "kernel/proc/made_package.h"

#include <castle/address_map.h>
#include <castle/errno.h>
#include <stdbool.h>
#include "kernel/fs/inode.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/elf32.h"
#include "kernel/mem/package.h"
#include "kernel/mem/page.h"
#include "kernel/mem/slab.h"

#define SEGMENTS_MAX 16

/* What of the file says where everything goes. */
struct layout {
	struct elf_header header;
	struct elf_program segments[SEGMENTS_MAX];
	uint32_t file_end, end; /* addresses: of what the file initialises, of all */
};

static bool read_exactly(struct inode *inode, uint32_t offset, void *buffer, uint32_t size)
{
	return inode_read(inode, offset, buffer, size) == (int)size;
}

/* Any bytes may be there: nothing is believed that has not been compared with something. */
static bool segment_is_good(const struct elf_program *segment)
{
	const uint32_t start = segment->virtual_address;

	return start >= CASTLE_DATA_BASE && start < CASTLE_INITIAL_END &&
	       segment->file_size <= segment->memory_size &&
	       segment->file_size <= CASTLE_INITIAL_END - start &&
	       segment->memory_size <= CASTLE_DATA_END - start;
}

static bool layout_add(struct layout *layout, const struct elf_program *segment)
{
	const uint32_t start = segment->virtual_address;

	if (segment->type == ELF_DYNAMIC || segment->type == ELF_INTERPRETER)
		return false;
	if (segment->type != ELF_LOAD || segment->memory_size == 0)
		return true;
	if (!segment_is_good(segment))
		return false;
	if (start + segment->file_size > layout->file_end)
		layout->file_end = start + segment->file_size;
	if (start + segment->memory_size > layout->end)
		layout->end = start + segment->memory_size;
	return true;
}

static bool header_is_good(const struct elf_header *header)
{
	return header->magic == ELF_MAGIC && header->class == ELF_CLASS_32 &&
	       header->machine == ELF_MACHINE_386 && header->type == ELF_EXECUTABLE &&
	       header->program_size == sizeof(struct elf_program) &&
	       header->program_count <= SEGMENTS_MAX;
}

/* False if the file is no program for this. */
static bool layout_read(struct layout *layout, struct inode *inode)
{
	const struct elf_header *header = &layout->header;

	if (!read_exactly(inode, 0, &layout->header, sizeof layout->header) ||
	    !header_is_good(header) ||
	    !read_exactly(inode, header->program_offset, layout->segments,
			  header->program_count * sizeof(struct elf_program)))
		return false;
	layout->file_end = layout->end = CASTLE_DATA_BASE;
	for (uint32_t i = 0; i < header->program_count; i++)
		if (!layout_add(layout, &layout->segments[i]))
			return false;
	return header->entry >= CASTLE_DATA_BASE && header->entry < layout->file_end;
}

/* The order of the run of pages that holds `size` bytes. */
static unsigned order_of(uint32_t size)
{
	unsigned order = 0;

	while ((uint32_t)PAGE_SIZE << order < size)
		order++;
	return order;
}

/*
 * Copies the file's segments to where they belong in the image. False if the file is not that long.
 */
static bool image_fill(uint8_t *image, const struct layout *layout, struct inode *inode)
{
	memset(image, 0, layout->file_end - CASTLE_DATA_BASE);
	for (uint32_t i = 0; i < layout->header.program_count; i++) {
		const struct elf_program *segment = &layout->segments[i];
		if (segment->type == ELF_LOAD && segment->memory_size > 0 &&
		    !read_exactly(inode, segment->offset,
				  image + (segment->virtual_address - CASTLE_DATA_BASE),
				  segment->file_size))
			return false;
	}
	return true;
}

static struct package *package_create(const char *path, const struct layout *layout, uint8_t *image)
{
	struct package *package = kmem_alloc(sizeof *package);
	const char *name = path;

	if (!package)
		return NULL;
	for (const char *c = path; *c; c++)
		if (*c == '/')
			name = c + 1;
	memset(package, 0, sizeof *package);
	ksnprintf(package->name, sizeof package->name, "%s", name);
	package->references = 1;
	package->image = image;
	package->image_size = layout->file_end - CASTLE_DATA_BASE;
	package->entry = layout->header.entry;
	package->code_start = package->code_end =
		CASTLE_CODE_BASE; /* slot 0, which no program has */
	package->data_start = CASTLE_DATA_BASE;
	package->data_file_end = layout->file_end;
	package->data_end = layout->end;
	return package;
}

int made_package_create(struct inode *inode, const char *path, const struct package **package)
{
	struct layout layout;
	unsigned order;
	uint8_t *image;

	assert_held(inode);
	if (!layout_read(&layout, inode))
		return -ENOEXEC;
	order = order_of(layout.file_end - CASTLE_DATA_BASE);
	image = page_alloc_run(order);
	if (!image)
		return -ENOMEM;
	*package = image_fill(image, &layout, inode) ? package_create(path, &layout, image) : NULL;
	if (*package)
		return 0;
	page_free_run(image, order);
	return -ENOEXEC;
}

void made_package_free(const struct package *package)
{
	page_free_run((void *)package->image, order_of(package->image_size));
	kmem_free((void *)package, sizeof *package);
}
