/*
 * The code packages of this boot: mapped into the global page directory once, for every container.
 */
#include "kernel/mem/package.h"

#include <castle/address_map.h>
#include "arch/ia32/paging.h"
#include "kernel/fs/inode.h"
#include "kernel/fs/path.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/page_table.h"
#include "kernel/mem/slab.h"

#define BIN_MODE 0555

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

static const char *package_install(struct package *package)
{
	char path[sizeof "/bin/" + sizeof package->name];
	page_entry_t *table = page_table_alloc();

	if (!table)
		return "out of memory";
	ksnprintf(path, sizeof path, "/bin/%s", package->name);
	if (path_make_static(path, package->image, package->image_size, BIN_MODE, package) != 0) {
		page_table_free(table);
		return "its file cannot be made";
	}
	paging_map_code(package->code_start, (uint32_t)package->image + package->code_offset,
			package->code_end - package->code_start, table);
	list_append(&packages, &package->packages);
	return NULL;
}

void package_register(const char *name, const void *image, uint32_t size)
{
	struct package *package = kmem_alloc(sizeof *package);
	const char *reason = "out of memory";

	if (package) {
		memset(package, 0, sizeof *package);
		ksnprintf(package->name, sizeof package->name, "%s", name);
		reason = package_parse(package, image, size);
		if (!reason)
			reason = package_conflict(package);
		if (!reason)
			reason = package_install(package);
	}
	if (!reason)
		return;
	kprintf("package %s refused: %s\n", name, reason);
	if (package)
		kmem_free(package, sizeof *package);
}

const struct package *package_of_inode(const struct inode *inode)
{
	return inode_owner(inode);
}
