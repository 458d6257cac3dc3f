/*
 * The content of regular files: a chunk for small ones, pages for larger ones. Pages are made when
 * they are written; nothing is cleared that is about to be overwritten.
 */
#include <castle/errno.h>
#include "kernel/fs/inode_internal.h"
#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/page.h"
#include "kernel/mem/page_share.h"
#include "kernel/mem/slab.h"
#include "kernel/proc/limit.h"

#define INDEX_ENTRIES (PAGE_SIZE / sizeof(void *))
#define CHUNK_FIRST   128u
#define SIZE_MAX_FILE 0x7fffffffu /* offsets are signed 32-bit numbers in the calls */

static uint32_t min(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Programs that map it keep a shared page. */
static void data_free(const struct content *content, void *page)
{
	if (!content->shared || page_share_end(page))
		page_free(page);
}

static void index_free(const struct content *content, void **index, uint32_t depth)
{
	for (uint32_t i = 0; i < INDEX_ENTRIES; i++) {
		if (!index[i])
			continue;
		if (depth > 1)
			index_free(content, index[i], depth - 1);
		else
			data_free(content, index[i]);
	}
	page_free(index);
}

void content_free(struct content *content)
{
	if (content->depth > 0)
		index_free(content, content->index, content->depth);
	else if (content->chunk)
		kmem_free(content->chunk, content->chunk_size);
	memset(content, 0, sizeof *content);
}

/* Pages that an index of this depth reaches. */
static uint32_t index_reach(uint32_t depth)
{
	return depth == 1 ? INDEX_ENTRIES : INDEX_ENTRIES * INDEX_ENTRIES;
}

/* Makes sure that the chunk holds `size` bytes, at most SLAB_OBJECT_MAX. 0 or -ENOSPC. */
static int chunk_grow(struct content *content, uint32_t size)
{
	uint32_t new_size = content->chunk ? content->chunk_size : CHUNK_FIRST;
	void *chunk;

	if (content->chunk && size <= content->chunk_size)
		return 0;
	while (new_size < size)
		new_size *= 2;
	new_size = kmem_usable_size(min(new_size, SLAB_OBJECT_MAX));
	chunk = kmem_alloc(new_size);
	if (!chunk)
		return -ENOSPC;
	if (content->chunk) {
		memcpy(chunk, content->chunk, content->size);
		kmem_free(content->chunk, content->chunk_size);
	}
	content->chunk = chunk;
	content->chunk_size = new_size;
	return 0;
}

/* Changes from a chunk to pages. 0 or -ENOSPC. */
static int chunk_to_pages(struct content *content)
{
	void **index = page_alloc_zeroed();

	if (!index)
		return -ENOSPC;
	if (content->chunk) {
		index[0] = page_alloc();
		if (!index[0]) {
			page_free(index);
			return -ENOSPC;
		}
		memcpy(index[0], content->chunk, content->size);
		kmem_free(content->chunk, content->chunk_size);
	}
	content->index = index;
	content->depth = 1;
	return 0;
}

static int index_deepen(struct content *content)
{
	void **index = page_alloc_zeroed();

	if (!index)
		return -ENOSPC;
	index[0] = content->index;
	content->index = index;
	content->depth++;
	return 0;
}

/* Where the page's pointer is, with the index pages on the way there made if `make`; else NULL. */
static void **index_slot(struct content *content, uint32_t page, bool make)
{
	void **slot;

	if (page >= index_reach(content->depth))
		return NULL;
	if (content->depth == 1)
		return &content->index[page];
	slot = &content->index[page / INDEX_ENTRIES];
	if (!*slot && make)
		*slot = page_alloc_zeroed();
	return *slot ? (void **)*slot + page % INDEX_ENTRIES : NULL;
}

/*
 * The page for writing from `start` in it on, made if absent. What of a new page is part of the
 * file already must read as zeros: also where it is about to be written, since that may fail
 * half-way. NULL when memory is out.
 */
static uint8_t *page_for_writing(struct content *content, uint32_t page, uint32_t start)
{
	void **slot = index_slot(content, page, true);
	uint8_t *data;

	if (!slot)
		return NULL;
	if (*slot)
		return *slot;
	data = page_alloc();
	if (!data)
		return NULL;
	if (content->shared)
		page_share_begin(data);
	memset(data, 0, content->size > page * PAGE_SIZE ? PAGE_SIZE : start);
	*slot = data;
	return data;
}

/* Bytes between the old end and `offset` become part of the file: they must read as zeros. */
static void content_zero_gap(struct content *content, uint32_t offset)
{
	const uint32_t start = content->size;
	void **slot;

	if (offset <= start)
		return;
	if (content->depth == 0) {
		if (content->chunk)
			memset((uint8_t *)content->chunk + start, 0, offset - start);
		return;
	}
	/*
	 * Pages beyond the one with the old end may be there after a failed write: clear them all.
	 */
	for (uint32_t at = start; at < offset;) {
		const uint32_t in_page = at % PAGE_SIZE,
			       part = min(PAGE_SIZE - in_page, offset - at);
		slot = index_slot(content, at / PAGE_SIZE, false);
		if (slot && *slot)
			memset((uint8_t *)*slot + in_page, 0, part);
		at += part;
	}
}

/* Bytes that the current process may make a file of (RLIMIT_FSIZE). */
static inline uint32_t size_allowed(void)
{
	return current_thread ? min(limit_of(current_process(), CASTLE_LIMIT_FSIZE), SIZE_MAX_FILE)
			      : SIZE_MAX_FILE;
}

/* Gets the content ready to hold `end` bytes. 0, -EFBIG or -ENOSPC. */
static int content_reserve(struct content *content, uint32_t end)
{
	int error = 0;

	if (end > SIZE_MAX_FILE)
		return -EFBIG;
	if (content->depth == 0 && end <= SLAB_OBJECT_MAX)
		return chunk_grow(content, end);
	if (content->depth == 0)
		error = chunk_to_pages(content);
	if (!error && content->depth == 1 && (end - 1) / PAGE_SIZE >= index_reach(1))
		error = index_deepen(content);
	return error;
}

static void content_shrink(struct content *content, uint32_t size)
{
	if (size == 0) {
		content_free(content);
		return;
	}
	if (content->depth > 0) {
		uint32_t page = (size - 1) / PAGE_SIZE + 1;
		const uint32_t end = (content->size - 1) / PAGE_SIZE + 1;
		for (; page < end; page++) {
			void **slot = index_slot(content, page, false);
			if (slot && *slot) {
				data_free(content, *slot);
				*slot = NULL;
			}
		}
	}
	content->size = size;
}

int content_truncate(struct content *content, uint32_t size)
{
	int error;

	assert_held(inode);
	if (size <= content->size) {
		content_shrink(content, size);
		return 0;
	}
	error = size > size_allowed() ? -EFBIG : content_reserve(content, size);
	if (error)
		return error;
	content_zero_gap(content, size);
	content->size = size;
	return 0;
}

/* From now on pages may have more owners than the file. 0 or -ENOSPC. */
static int content_share(struct content *content)
{
	int error = content->depth == 0 ? chunk_to_pages(content) : 0;

	if (error || content->shared)
		return error;
	for (uint32_t page = 0; page < index_reach(content->depth); page++) {
		void **slot = index_slot(content, page, false);

		if (slot && *slot)
			page_share_begin(*slot);
		else if (!slot)
			page |= INDEX_ENTRIES - 1; /* a whole index page is absent */
	}
	content->shared = true;
	return 0;
}

void *inode_shared_page(struct inode *inode, uint32_t page)
{
	struct content *content = &inode->content;
	const uint32_t start = page * PAGE_SIZE;
	uint8_t *data;

	assert_held(inode);
	if (content_share(content) != 0)
		return NULL;
	if (page >= index_reach(1) && content->depth == 1 && index_deepen(content) != 0)
		return NULL;
	data = page_for_writing(content, page, PAGE_SIZE);
	/* What others have written there is theirs. */
	if (data && page_share_is_alone(data) && content->size < start + PAGE_SIZE) {
		const uint32_t used = content->size > start ? content->size - start : 0;

		memset(data + used, 0, PAGE_SIZE - used);
	}
	return data;
}

/*
 * How bytes are moved between the content and the other side: the kernel's memory or a program's.
 */
typedef int (*mover_t)(uintptr_t other, void *content, uint32_t size);

static int move_to_kernel(uintptr_t other, void *content, uint32_t size)
{
	memcpy((void *)other, content, size);
	return 0;
}

static int move_from_kernel(uintptr_t other, void *content, uint32_t size)
{
	memcpy(content, (const void *)other, size);
	return 0;
}

static int move_to_user(uintptr_t other, void *content, uint32_t size)
{
	return copy_to_user(other, content, size);
}

static int move_from_user(uintptr_t other, void *content, uint32_t size)
{
	return copy_from_user(content, other, size);
}

/* 0, -EISDIR or -EINVAL. */
static int check_regular(const struct inode *inode)
{
	const uint32_t type = inode_type(inode);

	if (type == CASTLE_S_IFREG)
		return 0;
	return type == CASTLE_S_IFDIR ? -EISDIR : -EINVAL;
}

/* Where byte `offset` of the content is; NULL where the file has a hole. */
static void *content_at(struct inode *inode, uint32_t offset)
{
	struct content *content = &inode->content;
	void **slot;

	if (inode->is_static)
		return (uint8_t *)inode->constant.data + offset;
	if (content->depth == 0)
		return content->chunk ? (uint8_t *)content->chunk + offset : NULL;
	slot = index_slot(content, offset / PAGE_SIZE, false);
	return slot && *slot ? (uint8_t *)*slot + offset % PAGE_SIZE : NULL;
}

/* Bytes from `offset` that lie together. */
static uint32_t content_together(const struct inode *inode, uint32_t offset, uint32_t size)
{
	if (inode->is_static || inode->content.depth == 0)
		return size;
	return min(size, PAGE_SIZE - offset % PAGE_SIZE);
}

static int content_read(struct inode *inode, uint32_t offset, uintptr_t other, uint32_t size,
			mover_t move)
{
	static const uint8_t zeros[PAGE_SIZE];
	uint32_t end, done = 0;
	const int error = check_regular(inode);

	if (error)
		return error;
	end = inode->is_static ? inode->constant.size : inode->content.size;
	if (offset >= end)
		return 0;
	size = min(size, end - offset);
	while (done < size) {
		uint32_t part = content_together(inode, offset + done, size - done);
		void *from = content_at(inode, offset + done);
		if (!from) {
			part = min(part, PAGE_SIZE);
			from = (void *)zeros;
		}
		if (move(other + done, from, part) != 0)
			return done ? (int)done : -EFAULT;
		done += part;
	}
	return done;
}

/* Moves one piece in; its size, -ENOSPC or -EFAULT. */
static int content_write_piece(struct inode *inode, uint32_t offset, uintptr_t other, uint32_t size,
			       mover_t move)
{
	struct content *content = &inode->content;
	const uint32_t start = offset % PAGE_SIZE;
	const uint32_t part = content_together(inode, offset, size);
	uint8_t *page;

	if (content->depth == 0)
		return move(other, (uint8_t *)content->chunk + offset, part) ? -EFAULT : (int)part;
	page = page_for_writing(content, offset / PAGE_SIZE, start);
	if (!page)
		return -ENOSPC;
	return move(other, page + start, part) ? -EFAULT : (int)part;
}

static int content_write(struct inode *inode, uint32_t offset, uintptr_t other, uint32_t size,
			 mover_t move)
{
	struct content *content = &inode->content;
	const uint32_t most = size_allowed();
	uint32_t done = 0;
	int result = check_regular(inode);

	if (result)
		return result;
	if (inode->is_static)
		return -EROFS;
	if (size == 0)
		return 0;
	if (offset >= most)
		return -EFBIG;
	size = min(size, most - offset);
	result = content_reserve(content, offset + size);
	if (result)
		return result;
	content_zero_gap(content, offset);
	while (done < size) {
		result = content_write_piece(inode, offset + done, other + done, size - done, move);
		if (result < 0)
			break;
		done += result;
		if (offset + done > content->size)
			content->size = offset + done;
	}
	inode_touch(inode);
	return done ? (int)done : result;
}

int inode_read(struct inode *inode, uint32_t offset, void *buffer, uint32_t size)
{
	assert_held(inode);
	return content_read(inode, offset, (uintptr_t)buffer, size, move_to_kernel);
}

int inode_write(struct inode *inode, uint32_t offset, const void *buffer, uint32_t size)
{
	assert_held(inode);
	return content_write(inode, offset, (uintptr_t)buffer, size, move_from_kernel);
}

int inode_read_user(struct inode *inode, uint32_t offset, user_addr_t buffer, uint32_t size)
{
	assert_held(inode);
	return content_read(inode, offset, buffer, size, move_to_user);
}

int inode_write_user(struct inode *inode, uint32_t offset, user_addr_t buffer, uint32_t size)
{
	assert_held(inode);
	return content_write(inode, offset, buffer, size, move_from_user);
}
