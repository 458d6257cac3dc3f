/*
 * Code packages: the shared, always-resident code of one program (Section 3.2.3). A package is an
 * ELF file in a boot module; its code is mapped where the module lies, at an address range of its
 * own, in the global page directory, and is never unmapped. Its initialised data stays there as the
 * template that containers copy pages from when they touch them.
 */
#ifndef KERNEL_MEM_PACKAGE_H
#define KERNEL_MEM_PACKAGE_H

#include <stdint.h>
#include "arch/ia32/reference.h"
#include "kernel/lib/list.h"

struct package {
	struct list packages; /* in the list of all packages, if it is a boot module */
	int32_t references;   /* arch/ia32/reference.h; 0: not made at run time, stays for ever */
	char name[32];
	const uint8_t *image; /* the ELF file, page-aligned */
	uint32_t image_size;
	uint32_t entry;      /* in the code range */
	uint32_t code_start; /* virtual, page-aligned */
	uint32_t code_end;
	uint32_t code_offset;   /* of code_start in the file, page-aligned */
	uint32_t data_start;    /* virtual; at or above CASTLE_DATA_BASE; 0 without data */
	uint32_t data_file_end; /* end of what the file initialises */
	uint32_t data_end;      /* end of .bss */
	uint32_t data_offset;   /* of data_start in the file */
};

/* Frees one made at run time. Defined by kernel/proc/made_package.c. Caller holds nothing. */
void made_package_free(const struct package *package);

/* One more reference to a package that the caller has one to. Any context. */
static inline const struct package *package_reference(const struct package *package)
{
	if (package->references)
		reference_take(&((struct package *)package)->references);
	return package;
}

/* Gives a reference back. Caller holds nothing. */
static inline void package_release(const struct package *package)
{
	if (package->references && reference_drop(&((struct package *)package)->references))
		made_package_free(package);
}

/*
 * Fills in everything but `packages` and `name` from the ELF file at `image`, which may be any
 * bytes at all. NULL if it is a valid code package, else why it is refused, as a phrase: "truncated
 * ELF header", "not a 32-bit ELF file", "not for the Intel 80386", "code segment outside its slot"
 * and so on. Any context.
 */
const char *package_parse(struct package *package, const void *image, uint32_t size);

/*
 * The package behind `package` in the list of all, NULL for the first; NULL behind the last. The
 * list is complete once programs run. Any context.
 */
const struct package *package_next(const struct package *package);

/*
 * Makes the program in a boot module known: checks it and maps its code. NULL and the package; or
 * why it is refused, as a phrase. The image stays where it is. At boot.
 */
const char *package_add(const char *name, const void *image, uint32_t size,
			const struct package **package);

#endif
