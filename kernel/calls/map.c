/*
 * Shared mappings (POSIX.1-2017, mmap(), MAP_SHARED): pages of a file, or fresh ones that the
 * process shares with those it forks. All of them are put there at once, where the heap has room
 * that was never touched, and stay while the container lives: nothing is unmapped before.
 */
#include "kernel/calls/map.h"

#include <castle/abi.h>
#include <castle/errno.h>
#include "kernel/fs/file.h"
#include "kernel/fs/inode.h"
#include "kernel/mem/container.h"
#include "kernel/mem/page.h"
#include "kernel/mem/page_share.h"
#include "kernel/proc/process.h"

static int map_page(struct container *container, uint32_t address, void *page, bool writable)
{
	int error;

	lock_acquire(container, &container->lock);
	error = container_map_shared(container, address, page, writable);
	lock_release(container, &container->lock);
	return error;
}

/* The pages live as long as one of the processes that share them. */
static int map_fresh(struct container *container, const struct castle_map *map)
{
	int error = 0;

	for (uint32_t done = 0; !error && done < map->size; done += PAGE_SIZE) {
		void *page = page_alloc_zeroed();

		if (!page)
			return -ENOMEM;
		page_share_begin(page);
		error = map_page(container, map->address + done, page, true);
		/* The mapping's own share remains. */
		if (page_share_end(page))
			page_free(page);
	}
	return error;
}

static int map_pages(struct container *container, const struct castle_map *map, struct inode *inode)
{
	int error = 0;

	inode_lock(inode);
	for (uint32_t done = 0; !error && done < map->size; done += PAGE_SIZE) {
		void *page = inode_shared_page(inode, (map->offset + done) / PAGE_SIZE);

		error = page ? map_page(container, map->address + done, page, map->writable)
			     : -ENOMEM;
	}
	inode_unlock(inode);
	return error;
}

static int map_file(struct container *container, const struct castle_map *map)
{
	struct file *file = file_table_get(&current_process()->files, map->fd);
	int error;

	if (!file)
		return -EBADF;
	if (!file_is_readable(file) || (map->writable && !file_is_writable(file)))
		error = -EACCES;
	else if (!file->inode || !inode_is_regular(file->inode))
		error = -ENODEV;
	else if (file->inode->is_static)
		error = -EROFS;
	else
		error = map_pages(container, map, file->inode);
	file_release(file);
	return error;
}

/* Whole pages in the heap, and a part that a file may have. */
static bool is_possible(struct container *container, const struct castle_map *map)
{
	bool in_heap;

	if ((map->address | map->size | map->offset) % PAGE_SIZE || map->size == 0)
		return false;
	lock_acquire(container, &container->lock);
	in_heap = map->address >= container->break_start && map->address < container->break_end &&
		  map->size <= container->break_end - map->address;
	lock_release(container, &container->lock);
	return in_heap && map->offset <= INT32_MAX && map->size <= INT32_MAX - map->offset;
}

int32_t sys_map(user_addr_t address)
{
	struct container *container = current_process()->container;
	struct castle_map map;
	const int error = copy_from_user(&map, address, sizeof map);

	if (error)
		return error;
	if (!is_possible(container, &map))
		return -EINVAL;
	return map.fd == -1 ? map_fresh(container, &map) : map_file(container, &map);
}
