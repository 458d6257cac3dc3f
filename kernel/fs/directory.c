/*
 * Directories: names in a hash table that grows, and in a list in the order of their making for
 * those who read the directory.
 */
#include "kernel/fs/inode_internal.h"

#include <castle/errno.h>
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/page.h"
#include "kernel/mem/slab.h"

#ifdef CASTLE_SMP
#include "kernel/smp/epoch.h"
#endif

#define BUCKETS_FIRST  8u
#define BUCKETS_GROWTH 8u
#define BUCKETS_MAX    (PAGE_SIZE / sizeof(struct directory_entry *))
#define CHAIN_MAX      2u /* names a bucket, on average, before the table grows */

#define DIRECTORY_LINKS 2u /* of an empty directory: its name and its own "." */

static size_t entry_size(uint32_t name_length)
{
	return sizeof(struct directory_entry) + name_length;
}

LOCK_REPLACED static void entry_free(struct directory_entry *entry)
{
	kmem_free(entry, entry_size(entry->length));
}

/* Tables of up to SLAB_OBJECT_MAX bytes are kernel objects, a larger one is a page. */
static struct directory_entry **buckets_alloc(uint32_t count)
{
	const size_t size = count * sizeof(struct directory_entry *);
	void *buckets = size <= SLAB_OBJECT_MAX ? kmem_alloc(size) : page_alloc();

	if (buckets)
		memset(buckets, 0, size);
	return buckets;
}

LOCK_REPLACED static void buckets_free(struct directory_entry **buckets, uint32_t count)
{
	const size_t size = count * sizeof *buckets;

	if (size <= SLAB_OBJECT_MAX)
		kmem_free(buckets, size);
	else
		page_free(buckets);
}

#ifdef CASTLE_SMP
/* Somebody may be looking at it without the directory's lock. */
static void buckets_free_later(struct directory_entry **buckets, uint32_t count)
{
	(void)count;
	epoch_retire(buckets);
}

static void entry_free_later(struct directory_entry *entry)
{
	epoch_retire(entry);
}

LOCK_FUNCTION(buckets_free, buckets_free_later, inode);
LOCK_FUNCTION(entry_free, entry_free_later, inode);
#endif

int directory_init(struct directory *directory)
{
	memset(directory, 0, sizeof *directory);
	directory->buckets = buckets_alloc(BUCKETS_FIRST);
	if (!directory->buckets)
		return -ENOMEM;
	directory->bucket_count = BUCKETS_FIRST;
	list_init(&directory->entries);
	return 0;
}

void directory_free(struct directory *directory)
{
	assert(directory->entry_count == 0);
	buckets_free(directory->buckets, directory->bucket_count);
}

static struct directory_entry **bucket_of(const struct directory *directory, uint32_t hash)
{
	return &directory->buckets[hash & (directory->bucket_count - 1)];
}

struct directory_entry *directory_find(const struct inode *inode, const struct name *name)
{
	struct directory_entry *entry;

	assert_held(names);
	entry = *bucket_of(&inode->directory, name->hash);
	for (; entry; entry = entry->chain)
		if (name_equals(name, entry))
			return entry;
	return NULL;
}

/*
 * Around what must not be taken half done for how the directory is by somebody who looks at it
 * without its lock (directory_peek()).
 */
static void change_begin(struct directory *directory)
{
	__atomic_store_n(&directory->changes, directory->changes + 1, __ATOMIC_RELEASE);
}

static void change_end(struct directory *directory)
{
	__atomic_store_n(&directory->changes, directory->changes - 1 + DIRECTORY_CHANGED,
			 __ATOMIC_RELEASE);
}

/* A directory that cannot grow for lack of memory only becomes slower. */
static void directory_grow(struct directory *directory)
{
	const uint32_t old_count = directory->bucket_count;
	uint32_t count = old_count * BUCKETS_GROWTH;
	struct directory_entry **old = directory->buckets, **buckets;
	struct list *node;

	if (count > BUCKETS_MAX)
		count = BUCKETS_MAX;
	if (count == old_count)
		return;
	buckets = buckets_alloc(count);
	if (!buckets)
		return;
	change_begin(directory);
	directory->buckets = buckets;
	__atomic_store_n(&directory->bucket_count, count, __ATOMIC_RELEASE);
	list_for_each (node, &directory->entries) {
		struct directory_entry *entry = list_entry(node, struct directory_entry, order);
		struct directory_entry **bucket = bucket_of(directory, entry->hash);
		entry->chain = *bucket;
		*bucket = entry;
	}
	change_end(directory);
	buckets_free(old, old_count);
}

/* `entry` of `directory` means `inode` from now on; a directory finds its way up through it. */
static void entry_point(struct inode *directory, struct directory_entry *entry, struct inode *inode)
{
	entry->inode = inode;
	if (!inode_is_directory(inode))
		return;
	inode->directory.parent = directory;
	inode->directory.entry = entry;
	reference_take(&directory->links); /* the subdirectory's ".." */
}

/* `inode` has lost a name in `directory`; with the last one goes the reference that all have. */
static void link_drop(struct inode *directory, struct inode *inode)
{
	if (inode_is_directory(inode)) {
		assert(inode->links == DIRECTORY_LINKS);
		inode->links = 0;
		inode->directory.parent = NULL;
		inode->directory.entry = NULL;
		reference_drop(&directory->links);
	} else if (!reference_drop(&inode->links)) {
		return;
	}
	inode_release(inode);
}

/* Enters a name for `inode`. NULL when memory is out. */
static struct directory_entry *entry_insert(struct inode *directory, const struct name *name,
					    struct inode *inode)
{
	struct directory *names = &directory->directory;
	struct directory_entry *entry = kmem_alloc(entry_size(name->length));
	struct directory_entry **bucket;

	if (!entry)
		return NULL;
	if (names->entry_count >= names->bucket_count * CHAIN_MAX)
		directory_grow(names);
	entry->hash = name->hash;
	entry->length = name->length;
	entry->position = names->next_position++;
	memcpy(entry->name, name->text, name->length);
	list_append(&names->entries, &entry->order);
	names->entry_count++;
	entry_point(directory, entry, inode);
	bucket = bucket_of(names, name->hash);
	entry->chain = *bucket;
	__atomic_store_n(bucket, entry, __ATOMIC_RELEASE);
	inode_touch(directory);
	return entry;
}

/* Takes a name out. */
static void entry_delete(struct inode *directory, struct directory_entry *entry)
{
	struct directory *names = &directory->directory;
	struct directory_entry **at = bucket_of(names, entry->hash);

	while (*at != entry)
		at = &(*at)->chain;
	*at = entry->chain;
	list_remove(&entry->order);
	names->entry_count--;
	entry_free(entry);
	inode_touch(directory);
}

int directory_add(struct inode *directory, const struct name *name, struct inode *inode)
{
	assert_held(names);
	if (!entry_insert(directory, name, inode))
		return -ENOMEM;
	if (reference_take_first(&inode->links))
		inode_reference(inode); /* that of its names */
	if (inode_is_directory(inode))
		inode->links = DIRECTORY_LINKS;
	return 0;
}

void directory_remove(struct inode *directory, struct directory_entry *entry)
{
	struct inode *inode = entry->inode;

	assert_held(names);
	entry_delete(directory, entry);
	link_drop(directory, inode);
}

static int move(struct inode *from, struct directory_entry *old, struct inode *to,
		const struct name *name, struct directory_entry *existing)
{
	struct inode *inode = old->inode;

	if (existing) {
		struct inode *replaced = existing->inode;
		entry_point(to, existing, inode);
		link_drop(to, replaced);
		inode_touch(to);
	} else if (!entry_insert(to, name, inode)) {
		return -ENOMEM;
	}
	entry_delete(from, old);
	if (inode_is_directory(inode))
		reference_drop(&from->links);
	return 0;
}

int directory_move(struct inode *from, struct directory_entry *old, struct inode *to,
		   const struct name *name, struct directory_entry *existing)
{
	int error;

	assert_held(names);
	change_begin(&from->directory);
	change_begin(&to->directory);
	error = move(from, old, to, name, existing);
	change_end(&to->directory);
	change_end(&from->directory);
	return error;
}

/* Writes one entry to the program; its length there, 0 if it does not fit, -EFAULT. */
static int entry_write(const struct directory_entry *entry, user_addr_t buffer, uint32_t size)
{
	union {
		struct castle_dirent header;
		char bytes[CASTLE_DIRENT_MAX];
	} record;
	char *const name = record.header.name;
	const uint32_t length = (sizeof record.header + entry->length + 1 + 3) & ~3u;

	if (length > size)
		return 0;
	record.header.length = length;
	inode_stat(entry->inode, &record.header.status);
	*(uint32_t *)(record.bytes + length - 4) = 0; /* the end of the name, and what follows it */
	memcpy(name, entry->name, entry->length);
	return copy_to_user(buffer, &record, length) == 0 ? (int)length : -EFAULT;
}

int directory_read(const struct inode *directory, uint32_t *position, user_addr_t buffer,
		   uint32_t size)
{
	uint32_t done = 0;
	struct list *node;

	assert_held(names);
	list_for_each (node, &directory->directory.entries) {
		const struct directory_entry *entry =
			list_entry(node, struct directory_entry, order);
		int length;

		if (entry->position < *position)
			continue;
		length = entry_write(entry, buffer + done, size - done);
		if (length < 0)
			return done ? (int)done : length;
		if (length == 0)
			return done ? (int)done : -EINVAL;
		done += length;
		*position = entry->position + 1;
	}
	return done;
}
