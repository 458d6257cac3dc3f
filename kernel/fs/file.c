/*
 * Open files.
 */
#include "kernel/fs/file.h"

#include "kernel/fs/inode.h"
#include "kernel/lib/assert.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/slab.h"

static struct slab_cache file_cache GUARDED_BY(slabs);

void file_init_cache(void)
{
	slab_cache_init(&file_cache, "file", sizeof(struct file), sizeof(void *));
}

struct file *file_create(const struct file_ops *ops, uint32_t flags, struct inode *inode,
			 void *data)
{
	struct file *file = slab_alloc(&file_cache);

	if (!file)
		return NULL;
	*file = (struct file){
		.ops = ops,
		.references = 1,
		.flags = flags,
		.inode = inode,
		.data = data,
	};
	return file;
}

void file_free(struct file *file)
{
	assert(file->references == 0);
	if (file->ops->release)
		file->ops->release(file);
	if (file->inode)
		inode_release(file->inode);
	slab_free(&file_cache, file);
}

void file_set_flags(struct file *file, uint32_t flags)
{
	lock_acquire(files, &files_lock);
	file->flags = (file->flags & ~FILE_FLAGS_SETTABLE) | (flags & FILE_FLAGS_SETTABLE);
	lock_release(files, &files_lock);
}
