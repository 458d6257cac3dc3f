/*
 * Copying to and from a program's memory: the range check in front of user_access.S. A range that
 * ends below CASTLE_USER_END and starts at or above CASTLE_USER_BASE cannot reach the kernel;
 * everything inside it is the page fault handler's to judge.
 */
#include "kernel/mem/user_copy.h"

#include <castle/address_map.h>
#include <castle/errno.h>
#include <stdbool.h>

uint32_t user_copy(void *to, const void *from, uint32_t size);
uint32_t user_fill_zero(void *to, uint32_t size);
int32_t user_copy_string(char *to, const char *from, uint32_t size);

static inline bool range_is_user(user_addr_t start, size_t size)
{
	return start >= CASTLE_USER_BASE && start <= CASTLE_USER_END &&
	       size <= CASTLE_USER_END - start;
}

int copy_from_user(void *to, user_addr_t from, size_t size)
{
	if (!range_is_user(from, size) || user_copy(to, (const void *)from, size) != 0)
		return -EFAULT;
	return 0;
}

int copy_to_user(user_addr_t to, const void *from, size_t size)
{
	if (!range_is_user(to, size) || user_copy((void *)to, from, size) != 0)
		return -EFAULT;
	return 0;
}

int user_zero(user_addr_t to, size_t size)
{
	if (!range_is_user(to, size) || user_fill_zero((void *)to, size) != 0)
		return -EFAULT;
	return 0;
}

int copy_string_from_user(char *to, user_addr_t from, size_t size)
{
	size_t reach = size;
	int32_t length;

	if (!range_is_user(from, 0) || size == 0)
		return -EFAULT;
	if (reach > CASTLE_USER_END - from)
		reach = CASTLE_USER_END - from;
	length = user_copy_string(to, (const char *)from, reach);
	if (length >= 0)
		return length;
	return length == -2 && reach == size ? -ENAMETOOLONG : -EFAULT;
}
