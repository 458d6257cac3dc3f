/*
 * The code packages of this boot: mapped into the global page directory once, for every container.
 */
#include "kernel/mem/package.h"

#include <castle/address_map.h>
#include "arch/ia32/paging.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/page_table.h"
#include "kernel/mem/slab.h"

static struct list packages SET_AT_BOOT = LIST_INITIALISER(packages);

const struct package *package_next(const struct package *package)
{
	const struct list *next = package ? package->packages.next : packages.next;

	return next == &packages ? NULL : list_entry(next, struct package, packages);
}

/* NULL, or why the package cannot stand beside those that are there. */
static const char *package_conflict(const struct package *new)
{
	static char reason[64] SET_AT_BOOT;
	struct list *node;

	list_for_each (node, &packages) {
		const struct package *old = list_entry(node, struct package, packages);
		if (strcmp(new->name, old->name) == 0)
			return "a package of this name is there already";
		/* A page table serves one package alone, so whole slots count. */
		if (PAGE_DIRECTORY_INDEX(new->code_start) ==
		    PAGE_DIRECTORY_INDEX(old->code_start)) {
			ksnprintf(reason, sizeof reason, "its addresses overlap package %s",
				  old->name);
			return reason;
		}
	}
	return NULL;
}

static const char *package_map(struct package *package)
{
	page_entry_t *table = page_table_alloc();

	if (!table)
		return "out of memory";
	paging_map_code(package->code_start, physical_of(package->image) + package->code_offset,
			package->code_end - package->code_start, table);
	list_append(&packages, &package->packages);
	return NULL;
}

const char *package_add(const char *name, const void *image, uint32_t size,
			const struct package **added)
{
	struct package *package = kmem_alloc(sizeof *package);
	const char *reason;

	if (!package)
		return "out of memory";
	memset(package, 0, sizeof *package);
	ksnprintf(package->name, sizeof package->name, "%s", name);
	reason = package_parse(package, image, size);
	if (!reason)
		reason = package_conflict(package);
	if (!reason)
		reason = package_map(package);
	if (reason)
		kmem_free(package, sizeof *package);
	*added = package;
	return reason;
}
